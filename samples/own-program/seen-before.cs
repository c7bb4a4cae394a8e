#:project ../../src/SubspaceCircuits.Runs/SubspaceCircuits.Runs.csproj
#:package TorchSharp-cpu
#:property JsonSerializerIsReflectionEnabledByDefault=true

// A program of one's own: at every position, whether this token has been seen before. One command compiles it:
//
//     dotnet run samples/own-program/seen-before.cs -- runs/seen-before D2
//
// and writes an ordinary model to runs/seen-before and what is known of it to runs/seen-before-truth.

using SubspaceCircuits.KnownCircuits;
using SubspaceCircuits.KnownCircuits.Disguises;
using SubspaceCircuits.KnownCircuits.Rasp;
using SubspaceCircuits.Runs;
using static SubspaceCircuits.KnownCircuits.Rasp.Program;

var folder = args.ElementAtOrDefault(0) ?? "runs/seen-before";
var level = Enum.Parse<DisguiseLevel>(args.ElementAtOrDefault(1) ?? "D0");

var tokens = new Tokens();
var count = Width("count", Select(tokens, tokens, (key, query) => key == query)); // causal: this position and earlier ones
var seen = Map("seen_before", count, n => n.Number > 1);
var program = new KnownProgram("seen_before", [seen], ["a", "b", "c", "d"], MaxLength: 10, IsCausal: true);

var made = KnownModelMaker.Make(program, folder, level, seed: 7);
Console.WriteLine($"{made.Model}: d_model {made.DModel}, {made.NLayers} layers, {made.NHeads} heads; wrong outputs on {made.Sequences} sequences: {made.WrongOutputs}");
Console.WriteLine(made.Truth);

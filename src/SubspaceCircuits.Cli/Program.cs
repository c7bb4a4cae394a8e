using SubspaceCircuits.Models; using SubspaceCircuits.Tasks; using SubspaceCircuits.Checkpoints;
foreach (var g in Directory.GetFiles("../shared/data/golden")) {
  var name = Path.GetFileName(g).Replace(".golden.safetensors","");
  var path = name=="copy_transformer" ? "../shared/data/copy_transformer/copy_transformer.pt" : "../shared/data/models/"+name;
  using var m = ModelFolder.Read(path);
  using var gold = Safetensors.Read(g);
  var points = gold.Names.Where(n=>n.Contains("hook")).Select(n=>new HookPoint(n)).ToArray();
  using var hooks = new Hooks(points);
  var logits = Transformer.Forward(m.Weights, gold.Peek("tokens"), hooks: hooks);
  double worst=0; foreach (var p in points) worst=Math.Max(worst,(hooks[p]-gold.Peek(p.Name)).abs().max().item<float>());
  Console.WriteLine($"{name} {worst:g3} logits {(logits-gold.Peek("logits")).abs().max().item<float>():g3}");
}
var sw=System.Diagnostics.Stopwatch.StartNew();
foreach (var n in new[]{"unique_copy-@2l1h64d3lr01drop","unique_reverse-@2l1h64d3lr01drop","unique_copy-^2l1h64d3lr01drop-1400","unique_copy-^2l1h64d3lr01drop-1100"}) {
  using var m = ModelFolder.Read("../shared/data/models/"+n);
  var t = TaskRegistry.FromModelName(n)!;
  Console.WriteLine(n+" "+string.Join(" ", new[]{(0,50),(51,100),(101,150)}.Select(r=>Evaluation.WholeSequence(m.Weights,t,r.Item1,r.Item2,2000,0).Accuracy))+" "+File.ReadAllText("../shared/data/models/"+n+"/acc.txt").Trim()+" "+sw.Elapsed.TotalSeconds);
}

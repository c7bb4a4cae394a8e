using SubspaceCircuits.Models; using SubspaceCircuits.Tasks; using SubspaceCircuits.Training;
TorchSharp.torch.set_num_threads(int.Parse(args[0]));
var task = new UniqueTokenPattern();
for (int seed=0; seed<int.Parse(args[1]); seed++) {
var cfg = new ModelConfig{NLayers=2,NHeads=1,DModel=16,DHead=16,DVocab=task.Vocabulary.Tokens.Count,NCtx=task.NCtx};
using var tr = new ModelTraining(cfg, task, new TrainingSettings{Seed=seed, Steps=int.Parse(args[2]), LearningRate=double.Parse(args[3]), To=int.Parse(args[4])});
var sw=System.Diagnostics.Stopwatch.StartNew();
var n=0; var acc=tr.Run(new P(p=>{ if(++n%250==0) Console.WriteLine($"{p} {sw.Elapsed.TotalSeconds:f1}"); }));
using var w=tr.Snapshot();
var hs=HeadScores.Of(w,task,TaskBatch.Draw(task,2,20,200,new Random(5)));
Console.WriteLine($"seed {seed} acc {acc} steps {tr.StepsDone} {sw.Elapsed.TotalSeconds:f1}s " + string.Join(" | ", hs.Select(h=>$"{h.Name} prev {h.PreviousToken:f2} ind {h.Induction:f2}")));
}
sealed class P(Action<TrainingProgress> a):IProgress<TrainingProgress>{public void Report(TrainingProgress p)=>a(p);}

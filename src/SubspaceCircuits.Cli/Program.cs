System.Runtime.CompilerServices.RuntimeHelpers.RunModuleConstructor(typeof(SubspaceCircuits.Backend.NativeLibraries).Module.ModuleHandle);
Console.WriteLine(TorchSharp.torch.ones(2).sum().item<float>());
foreach (var l in SubspaceCircuits.Backend.NativeLibraries.Loaded()) Console.WriteLine(l);
Console.WriteLine(SubspaceCircuits.Backend.NativeLibraries.WeakenedShim);

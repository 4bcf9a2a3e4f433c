using Mimu.Appliance;
using Mimu.Appliance.Cli;

NativeLibraries.Register(Root.DataDirectory);
return await Root.RunAsync(args);

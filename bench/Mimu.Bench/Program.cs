using System.Globalization;
using System.Runtime.InteropServices;
using Mimu.Bench;
using Mimu.Bench.Floors;
using Mimu.Bench.Report;
using Mimu.Bench.Scenarios;
using Mimu.Bench.Server;

try
{
    if (args is ["floor", "web", var port])
    {
        await KestrelFloors.ServeAsync(int.Parse(port, CultureInfo.InvariantCulture));
        return 0;
    }

    if (args is ["floor", "sqlite", var file, var chats, var group, var payload, var warmUp, var seconds])
    {
        TimeSpan Time(string text) => TimeSpan.FromSeconds(double.Parse(text, CultureInfo.InvariantCulture));
        int Count(string text) => int.Parse(text, CultureInfo.InvariantCulture);
        SqliteFloor.Run(file, Count(chats), Count(group), Count(payload), Time(warmUp), Time(seconds));
        return 0;
    }

    if (args is ["floor", "push", var recorded, var atOnce])
    {
        await PushFloor.RunAsync(recorded, int.Parse(atOnce, CultureInfo.InvariantCulture));
        return 0;
    }

    Options options = Options.Parse(args);
    if (options.IsHelp)
    {
        Console.WriteLine(Options.Help);
        return 0;
    }

    if (options.List)
    {
        foreach (Scenario scenario in Scenario.All)
            Console.WriteLine($"{scenario.Name,-14}{scenario.Tells}");
        return 0;
    }

    // .NET ends at once on these signals, without running what stands in finally.
    using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, CleanUp);
    using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, CleanUp);
    using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, CleanUp);
    return await Runner.RunAsync(options);
}
catch (BenchException problem)
{
    Progress.Tell($"Mimu.Bench: {problem.Message}");
    return 2;
}

static void CleanUp(PosixSignalContext signal)
{
    ChildProcess.KillAll();
    TemporaryDirectory.RemoveAll();
    Environment.Exit(130);
}

using Mimu.Bench.Measure;
using Mimu.Bench.Report;
using Mimu.Bench.Server;

namespace Mimu.Bench.Scenarios;

/// <summary>How long a start takes, on an empty directory (the database is made) and on one that was used before (a restart).</summary>
internal static class Start
{
    public static async Task<Result[]> RunAsync(Surface surface)
    {
        if (surface.Options.FloorsOnly)
            return [];
        int times = surface.Options.Quick ? 2 : 10;
        var first = new Histogram();
        for (int i = 0; i < times; i++)
        {
            await using MimuServer server = await surface.StartServerAsync();
            first.Record(server.StartTime.Ticks * 100);
            await server.StopAsync(surface.Faults);
        }

        using var directory = new TemporaryDirectory(surface.Options.DataRoot);
        var again = new Histogram();
        long idle = 0;
        for (int i = 0; i <= times; i++)
        {
            await using MimuServer server = await MimuServer.StartInAsync(surface.Options.Server, directory.Path);
            if (i > 0)
                again.Record(server.StartTime.Ticks * 100);
            if (i == times)
            {
                await Task.Delay(TimeSpan.FromSeconds(surface.Options.Quick ? 0.2 : 3));
                idle = server.Meter.ResidentBytes();
            }

            await server.StopAsync(surface.Faults);
        }

        return [Row("start-first", first, "times are to the first 200 of /healthz, the database being made"),
            Row("start-again", again, "the same on an existing database; {idle_resident_megabytes} MiB resident when idle") with
            {
                Extra = new Dictionary<string, double> { ["idle_resident_megabytes"] = Result.Megabytes(idle) },
            }];
    }

    private static Result Row(string name, Histogram times, string note) => new(name) { Latency = times.ToLatency(), Note = note };
}

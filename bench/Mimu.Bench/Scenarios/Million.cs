using System.Diagnostics;
using Mimu.Bench.Floors;
using Mimu.Bench.Report;
using Mimu.Bench.Server;

namespace Mimu.Bench.Scenarios;

/// <summary>
/// Whether cost grows with history: pages of a database with a million messages, and the loads on it against the same on an empty one, by turns, so that
/// both meet the same machine.
/// </summary>
internal static class Million
{
    private const double MostPercentSlower = 20;

    public static async Task<Result[]> RunAsync(Surface surface)
    {
        if (surface.Options.FloorsOnly)
            return [];
        bool quick = surface.Options.Quick;
        int pairs = quick ? 20 : 500;
        int members = quick ? 8 : 100;
        using var directory = new TemporaryDirectory(surface.Options.DataRoot);
        (Account[] accounts, string[] chats, string group) = await PrepareAsync(surface, directory.Path, pairs, members);

        long begun = Stopwatch.GetTimestamp();
        History history = History.Fill(Path.Combine(directory.Path, "data", "mimu.db"),
            quick ? new HistorySize(5_000, 200, 8, 4) : new HistorySize(1_000_000, 10_000, 32, 16), surface.Options.PayloadBytes);
        double filling = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        double megabytes = Result.Megabytes(new FileInfo(Path.Combine(directory.Path, "data", "mimu.db")).Length);
        Progress.Tell($"  filled in {filling:0} s, {megabytes:0} MiB");

        await using MimuServer full = await MimuServer.StartInAsync(surface.Options.Server, directory.Path);
        double start = full.StartTime.TotalMilliseconds;
        var results = new List<Result>
        {
            new("million")
            {
                Note = "filled in {filling_s} s, {database_mib} MiB; the server starts on it in {start_ms} ms",
                Extra = new Dictionary<string, double> { ["filling_s"] = filling, ["database_mib"] = megabytes, ["start_ms"] = start },
            },
        };
        results.AddRange(MillionPages.Measure(surface, full, accounts, history));

        using var other = new TemporaryDirectory(surface.Options.DataRoot);
        await using MimuServer empty = await MimuServer.StartInAsync(surface.Options.Server, other.Path);
        try
        {
            (Account[] otherAccounts, string[] otherChats, string otherGroup) = await MakeAsync(empty, quick ? 8 : 200, members);
            foreach ((string name, Shape shape) in quick
                ? (ReadOnlySpan<(string, Shape)>)[("ws-1x1", new(4, 4))]
                : [("ws-1x1", new(50, 16)), ("ws-200", new(200, 16)), ("ws-latency", new(50, 1))])
            {
                results.AddRange(Compare(surface, name,
                    () => Pairs.Load(surface, name, empty, otherAccounts, otherChats, shape, overHttp: false),
                    () => Pairs.Load(surface, name, full, accounts, chats, shape, overHttp: false)));
            }

            Shape senders = quick ? new Shape(2, 4) : new Shape(10, 16);
            results.AddRange(Compare(surface, $"group-{members}",
                () => Group.Load(surface, empty, otherAccounts[..members], otherGroup, senders),
                () => Group.Load(surface, full, accounts[..members], group, senders)));
        }
        finally
        {
            // If it could not go on, this tells whether one of them has died, and of what.
            await empty.StopAsync(surface.Faults);
            await full.StopAsync(surface.Faults);
        }

        return [.. results];
    }

    /// <summary>The accounts and those chats that are used live are made by the server, which also makes the schema.</summary>
    private static async Task<(Account[] Accounts, string[] Chats, string Group)> PrepareAsync(Surface surface, string directory, int pairs, int members)
    {
        await using MimuServer server = await MimuServer.StartInAsync(surface.Options.Server, directory);
        var made = await MakeAsync(server, pairs, members);
        await server.StopAsync(surface.Faults);
        return made;
    }

    private static async Task<(Account[] Accounts, string[] Chats, string Group)> MakeAsync(MimuServer server, int pairs, int members)
    {
        (Account[] accounts, string[] chats) = await Pairs.MakeAsync(server, pairs);
        using var api = new Api(server.Address);
        string[] group = await api.CreateChatsAsync([(accounts[0], accounts[1..members])]);
        return (accounts, chats, group[0]);
    }

    /// <summary>Empty, full, full, empty: what slowly changes in the machine does to both alike.</summary>
    private static IEnumerable<Result> Compare(Surface surface, string name, Func<Result> onEmpty, Func<Result> onFull)
    {
        Progress.Tell($"  {name} on the empty and the full database");
        Result[] rounds = [onEmpty(), onFull(), onFull(), onEmpty()];
        Result empty = Result.Median([rounds[0], rounds[3]]) with { Name = $"{name} empty" };
        Result full = Result.Median([rounds[1], rounds[2]]) with { Name = $"{name} full" };
        double rate = full.DeliveriesPerSecond!.Value / empty.DeliveriesPerSecond!.Value;
        double cpu = full.CpuMicros!.Value / empty.CpuMicros!.Value;
        double median = full.Latency!.P50 / empty.Latency!.P50;
        if (rate < 1 - (MostPercentSlower / 100) && !surface.Options.Quick)
            surface.Faults.Add($"{name} has {rate:0.00} of the empty database's rate on the full one, at least {1 - (MostPercentSlower / 100):0.00} is required");
        return [empty, full with
        {
            Note = "full over empty: rate {rate}, CPU {cpu}, p50 {median}",
            Extra = new Dictionary<string, double> { ["rate"] = rate, ["cpu"] = cpu, ["median"] = median },
        }];
    }
}

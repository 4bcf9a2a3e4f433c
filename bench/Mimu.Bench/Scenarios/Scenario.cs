using Mimu.Bench.Floors;
using Mimu.Bench.Load;
using Mimu.Bench.Report;
using Mimu.Bench.Server;

namespace Mimu.Bench.Scenarios;

/// <summary>What a scenario works with.</summary>
internal sealed record Surface(Options Options, FloorBook Floors, Faults Faults)
{
    /// <summary>A server of its own on a fresh data directory.</summary>
    public Task<MimuServer> StartServerAsync(Hashing hashing = Hashing.Cheap, string settings = "") => MimuServer.StartAsync(Options.Server, Options.DataRoot, hashing, settings);
}

/// <summary>One measurement: its name, what it tells, and how to make it. It gives one row or more.</summary>
internal sealed record Scenario(string Name, string Tells, Func<Surface, Task<Result[]>> RunAsync)
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("ws-1x1", "50 pairs, 16 in flight each: SendMessage on /ws to the recipient's socket",
            surface => Pairs.RunAsync(surface, "ws-1x1", surface.Options.Quick ? new Shape(4, 4) : new Shape(50, 16), overHttp: false)),
        new("http-1x1", "the same by POST /api/v1/messages, the recipient on /ws",
            surface => Pairs.RunAsync(surface, "http-1x1", surface.Options.Quick ? new Shape(4, 4) : new Shape(50, 16), overHttp: true)),
        new("ws-200", "200 pairs, 16 in flight each",
            surface => Pairs.RunAsync(surface, "ws-200", surface.Options.Quick ? new Shape(8, 4) : new Shape(200, 16), overHttp: false)),
        new("ws-latency", "50 pairs, 1 in flight each",
            surface => Pairs.RunAsync(surface, "ws-latency", surface.Options.Quick ? new Shape(4, 1) : new Shape(50, 1), overHttp: false)),
        new("group-100", "one group of 100, all online, 10 of them sending, 16 in flight each",
            surface => Group.RunAsync(surface, surface.Options.Quick ? 8 : 100, surface.Options.Quick ? new Shape(2, 4) : new Shape(10, 16))),
        new("absent", "store for 100 absent users, then all connect with `since` and drain",
            surface => Absent.RunAsync(surface, surface.Options.Quick ? new Shape(5, 4) : new Shape(100, 16))),
        new("idle", "N idle authenticated sockets: resident memory for each", Idle.RunAsync),
        new("start", "start to the first 200 of /healthz, median of 10; resident memory of the idle server", Start.RunAsync),
        new("million", "1,000,000 messages in 10,000 chats of 1,000 users: pages, and the loads above against those on an empty database", Million.RunAsync),
        new("media", "64 MiB files through presigned URLs against nginx on the same disk; the memory that uploads take", Media.RunAsync),
        new("push", "a message for one who is away, until its push has come; and 10,000 registrations woken by one message", Push.RunAsync),
        new("login-timing", "logins with a wrong password against logins of unknown accounts: the times must not tell which", LoginTiming.RunAsync),
        new("login-storm", "2,000 logins at once, and what else is asked meanwhile", LoginStorm.RunAsync),
    ];

    public static IReadOnlyList<Scenario> Choose(IReadOnlyList<string> names)
    {
        if (names.Count == 0)
            return All;
        if (names.FirstOrDefault(name => All.All(scenario => scenario.Name != name)) is { } unknown)
            throw new BenchException($"no scenario is called {unknown}; --list tells their names");
        return [.. All.Where(scenario => names.Contains(scenario.Name))];
    }
}

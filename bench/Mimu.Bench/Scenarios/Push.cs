using System.Diagnostics;
using Mimu.Bench.Floors;
using Mimu.Bench.Load;
using Mimu.Bench.Measure;
using Mimu.Bench.Report;
using Mimu.Bench.Server;
using Mimu.PushStandIns;

namespace Mimu.Bench.Scenarios;

/// <summary>
/// Those who are away are woken: how long from the sending of a message until its push has come to the service, one at a time; then one message for as many registrations as a server of a
/// thousand people may have. What is registered has not been pushed before, as otherwise it would wait for the pause between two pushes.
/// </summary>
internal static class Push
{
    /// <summary>What a device may have (section 14).</summary>
    private const int PerDevice = 16;

    /// <summary>Pushes under way at a time by one platform: what the server has, and so the floor.</summary>
    private const int AtOnce = 64;

    private const double MostSeconds = 60;
    private static readonly TimeSpan AtMost = TimeSpan.FromMinutes(3);
    private static readonly string[] OnItsWay = ["Host", "Content-Length"];

    public static async Task<Result[]> RunAsync(Surface surface)
    {
        if (surface.Options.FloorsOnly)
            return [];
        var results = new List<Result>();
        foreach (string name in (string[])["webpush", "fcm", "apns"])
        {
            await using PushService service = await PushService.StartAsync(name);
            results.AddRange(await MeasureAsync(surface, service));
            foreach (string fault in service.StandIn.Faults.Take(3))
                surface.Faults.Add($"what came to the stand-in of {name} was not as it must be: {fault}");
        }

        return [.. results];
    }

    private static async Task<IEnumerable<Result>> MeasureAsync(Surface surface, PushService service)
    {
        (int warmUp, int singles, int people) = surface.Options.Quick ? (3, 10, 5) : (50, 300, 625);
        Progress.Tell($"  {service.Name}: {singles + warmUp} and {people} people register");
        await using MimuServer server = await surface.StartServerAsync(settings: await service.WriteSettingsAsync(surface.Options.DataRoot));
        using var api = new Api(server.Address);
        Account[] accounts = await api.RegisterAsync(1 + (2 * (warmUp + singles)) + people);
        (Account sender, Account[] rest) = (accounts[0], accounts[1..]);
        (Account[] ones, Account[] many) = (rest[..(warmUp + singles)], rest[^people..]);
        string[] chats = await api.CreateChatsAsync([.. rest[..^people].Select(one => (sender, new[] { one })), (sender, many)]);
        await api.RegisterForPushAsync([.. ones.Select(one => (one, service.NewRegistration())),
            .. Enumerable.Range(0, PerDevice).SelectMany(_ => many.Select(one => (one, service.NewRegistration())))]);
        string payload = new Payload(surface.Options.PayloadBytes).Text;

        Progress.Tell($"  {service.Name}: one at a time");
        double alone = await MessagesAloneAsync(server, i => api.SendMessageAsync(sender, chats[warmUp + singles + i], payload), warmUp, singles);
        Result single = await OneAtATimeAsync(surface, server, service, i => api.SendMessageAsync(sender, chats[i], payload), warmUp, singles);
        single = single with { Extra = new Dictionary<string, double>(single.Extra) { ["message_us"] = alone } };
        Progress.Tell($"  {service.Name}: {many.Length * PerDevice} at once");
        (Result burst, ReceivedPush[] pushes) = await AtOnceAsync(surface, server, service, () => api.SendMessageAsync(sender, chats[^1], payload), many.Length * PerDevice);
        await server.StopAsync(surface.Faults);

        Progress.Tell($"  floor (d) push {service.Name}");
        Result? floor = await surface.Floors.PushAsync($"floor (d) push {service.Name}", [.. pushes.Select(push => Record(service, push.Request))], AtOnce);
        return floor is null ? [single, burst] : [floor, single, burst.Against("d", floor.CpuMicros) with
        {
            Extra = new Dictionary<string, double>(burst.Extra) { ["floor_seconds"] = pushes.Length / floor.SendsPerSecond!.Value },
            Note = $"{burst.Note}; the floor takes {{floor_seconds}} s",
        }];
    }

    /// <summary>The server's CPU for a message to somebody who has nothing registered, in microseconds.</summary>
    private static async Task<double> MessagesAloneAsync(MimuServer server, Func<int, Task> send, int warmUp, int count)
    {
        var window = new Window();
        for (int i = 0; i < warmUp + count; i++)
        {
            if (i == warmUp)
                window.Begin(server.Meter);
            await send(i);
        }

        window.End(server.Meter);
        return window.ServerCpuMicros / count;
    }

    private static async Task<Result> OneAtATimeAsync(Surface surface, MimuServer server, PushService service, Func<int, Task> send, int warmUp, int count)
    {
        var times = new Histogram();
        var window = new Window();
        for (int i = 0; i < warmUp + count; i++)
        {
            if (i == warmUp)
                window.Begin(server.Meter);
            DateTimeOffset begun = TimeProvider.System.GetUtcNow();
            await send(i);
            ReceivedPush push = await service.StandIn.NextAsync(AtMost);
            if (i >= warmUp)
                times.Record((push.At - begun).Ticks * 100);
        }

        window.End(server.Meter);
        if (service.StandIn.Pushes.Count != warmUp + count)
            surface.Faults.Add($"{service.StandIn.Pushes.Count} pushes came for {warmUp + count} messages");
        return new Result($"push-{service.Name}")
        {
            SendsPerSecond = count / window.Seconds,
            Latency = times.ToLatency(),
            CpuMicros = window.ServerCpuMicros / count,
            ClientCpuMicros = window.ClientCpuMicros / count,
            OthersPercent = window.OthersPercent,
            Note = "{messages} messages, one at a time; times are from sending one until its push has come, slowest {slowest_ms} ms; CPU is for both, and a message that wakes nobody costs {message_us} µs",
            Extra = new Dictionary<string, double> { ["messages"] = count, ["slowest_ms"] = times.ToLatency()!.Max },
        };
    }

    private static async Task<(Result Result, ReceivedPush[] Pushes)> AtOnceAsync(Surface surface, MimuServer server, PushService service, Func<Task> send, int count)
    {
        int earlier = service.StandIn.Pushes.Count;
        long before = server.Meter.ResidentBytes();
        bool isPeakOfThis = server.Meter.TryForgetPeak();
        var window = new Window();
        window.Begin(server.Meter);
        DateTimeOffset begun = TimeProvider.System.GetUtcNow();
        long start = Stopwatch.GetTimestamp();
        await send();
        double toAnswer = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        while (service.StandIn.Pushes.Count < earlier + count && Stopwatch.GetElapsedTime(start) < AtMost)
            await Task.Delay(10);
        // What the server has yet to note belongs to it, and what comes twice would come now.
        await Task.Delay(TimeSpan.FromSeconds(1));
        window.End(server.Meter);

        ReceivedPush[] pushes = [.. service.StandIn.Pushes.Skip(earlier)];
        int distinct = pushes.Select(push => push.Token).Distinct(StringComparer.Ordinal).Count();
        if (pushes.Length != count || distinct != count)
            surface.Faults.Add($"{count} registrations of {service.Name} were woken by {pushes.Length} pushes, {distinct} of them different ones");
        var times = new Histogram();
        foreach (ReceivedPush push in pushes)
            times.Record((push.At - begun).Ticks * 100);
        Latency latency = times.ToLatency() ?? throw new BenchException("no push came");
        double seconds = latency.Max / 1000;
        if (seconds > MostSeconds)
            surface.Faults.Add($"{count} pushes by {service.Name} took {seconds:0.0} s, at most {MostSeconds:0} may be");
        return (new Result($"push-{service.Name}-all")
        {
            DeliveriesPerSecond = count / seconds,
            Latency = latency,
            CpuMicros = window.ServerCpuMicros / count,
            ClientCpuMicros = window.ClientCpuMicros / count,
            OthersPercent = window.OthersPercent,
            Note = "{pushes} pushes for one message, the last after {seconds} s; the message was answered after {answer_ms} ms; peak RSS " + (isPeakOfThis ? "" : "since the start ") + "{peak_mib} MiB, {above_mib} above",
            Extra = new Dictionary<string, double>
            {
                ["pushes"] = count,
                ["seconds"] = seconds,
                ["answer_ms"] = toAnswer,
                ["peak_mib"] = Result.Megabytes(server.Meter.PeakResidentBytes()),
                ["above_mib"] = Result.Megabytes(server.Meter.PeakResidentBytes() - before),
            },
        }.WithResident(before, server.Meter.ResidentBytes()), pushes);
    }

    private static RecordedPush Record(PushService service, ReceivedRequest request) => new(new Uri(service.StandIn.Endpoint, request.Target), request.Protocol,
        request.Headers.Where(header => !header.Key.StartsWith(':') && !OnItsWay.Contains(header.Key, StringComparer.OrdinalIgnoreCase)).ToDictionary(), request.Body);
}

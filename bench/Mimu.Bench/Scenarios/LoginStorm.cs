using System.Text.Json;
using Mimu.Bench.Client;
using Mimu.Bench.Load;
using Mimu.Bench.Measure;
using Mimu.Bench.Report;
using Mimu.Bench.Server;

namespace Mimu.Bench.Scenarios;

/// <summary>
/// Far more logins at once than passwords can be hashed, each on a connection of its own, in waves. What must hold: bounded memory, other
/// requests that are answered as if nothing were, and an answer to every login.
/// </summary>
internal static class LoginStorm
{
    private const int Accounts = 100;
    private const double MostMegabytes = 200; // of a million bytes
    private const double MostMillis = 50;

    public static async Task<Result[]> RunAsync(Surface surface)
    {
        if (surface.Options.FloorsOnly)
            return [];
        bool quick = surface.Options.Quick;
        int logins = quick ? 100 : 2000;
        if (Native.RaiseOpenFiles() < logins + 300)
            throw new BenchException($"{logins} connections need as many open files here and in the server: raise the limit (ulimit -n)");

        await using MimuServer server = await surface.StartServerAsync(Hashing.Default);
        Bystander bystander = await MakeAsync(surface, server);
        byte[][] requests = [.. Enumerable.Range(0, Accounts).Select(number => BlockingHttp.Request(server.Address, "POST /auth/login",
            body: JsonSerializer.Serialize(new { public_id = Api.NameOf(number), password = Api.Password })))];
        Histogram calm = bystander.Watch(() => Thread.Sleep(TimeSpan.FromSeconds(quick ? 0.2 : 2)));
        Result storm = Measure(surface, server, "login-storm", bystander, () => LoginWave.Run(server.Address, requests, logins, held: false, surface.Faults));
        Result held = Measure(surface, server, "login-storm-held", bystander, () => LoginWave.Run(server.Address, requests, logins, held: true, surface.Faults));
        await server.StopAsync(surface.Faults);
        return [new Result("login-calm") { Latency = calm.ToLatency(), Note = "the other requests before the storm" }, storm, held];
    }

    private static Result Measure(Surface surface, MimuServer server, string name, Bystander bystander, Func<LoginWave> wave)
    {
        long before = server.Meter.ResidentBytes();
        var waves = new List<LoginWave>();
        var peaks = new List<long>();
        var window = new Window();
        window.Begin(server.Meter);
        Histogram others = bystander.Watch(() =>
        {
            for (int i = 0; i < (surface.Options.Quick ? 2 : 5); i++)
            {
                waves.Add(wave());
                peaks.Add(server.Meter.PeakResidentBytes());
            }
        });
        window.End(server.Meter);

        Latency during = others.ToLatency()!;
        if (peaks[^1] > MostMegabytes * 1e6)
            surface.Faults.Add($"{peaks[^1] / 1e6:0} MB were resident in {name}, at most {MostMegabytes} may be");
        // Of 2,000 requests that come in one instant, the slowest of the others is only told in the note.
        double slowest = name == "login-storm" ? during.Max : during.P999;
        if (slowest >= MostMillis && !surface.Options.Quick)
            surface.Faults.Add($"other requests took {slowest:0.0} ms in {name}, at most {MostMillis} may be");
        int logins = waves.Sum(one => one.Logins);
        return new Result(name)
        {
            Latency = during,
            CpuMicros = window.ServerCpuMicros / logins,
            ClientCpuMicros = window.ClientCpuMicros / logins,
            OthersPercent = window.OthersPercent,
            Note = "{others} other requests, slowest {slowest_ms} ms" + (bystander.GoesFirst ? "" : " (their client shares the cores on equal terms, for want of CAP_SYS_NICE)")
                + "; {logins} logins: 200 {ok}, 503 {refused}, else {odd}; last 503 after {refused_last_ms} ms, last 200 after {ok_last_ms} ms"
                + "; peak {peak_first_mb} MB after the first wave, {peak_mb} MB after the last",
            Extra = new Dictionary<string, double>
            {
                ["others"] = others.Count,
                ["slowest_ms"] = during.Max,
                ["logins"] = logins,
                ["ok"] = waves.Sum(one => one.Ok.Count),
                ["refused"] = waves.Sum(one => one.Refused.Count),
                ["odd"] = waves.Sum(one => one.Odd),
                ["refused_last_ms"] = waves.Max(one => one.Refused.ToLatency()?.Max ?? 0),
                ["ok_last_ms"] = waves.Max(one => one.Ok.ToLatency()?.Max ?? 0),
                ["peak_first_mb"] = peaks[0] / 1e6,
                ["peak_mb"] = peaks[^1] / 1e6,
            },
        }.WithResident(before, server.Meter.ResidentBytes());
    }

    private static async Task<Bystander> MakeAsync(Surface surface, MimuServer server)
    {
        using var api = new Api(server.Address);
        Account[] accounts = await api.RegisterAsync(Accounts);
        string[] chats = await api.CreateChatsAsync([(accounts[0], [accounts[1]])]);
        string message = JsonSerializer.Serialize(new { chat_id = chats[0], encrypted_payload = new Payload(surface.Options.PayloadBytes).Text, message_type = "text" });
        return new Bystander(server.Address, surface.Faults,
        [
            (BlockingHttp.Request(server.Address, "GET /users/me", accounts[0].Token), 200),
            (BlockingHttp.Request(server.Address, "POST /api/v1/messages", accounts[0].Token, message), 201),
            (BlockingHttp.Request(server.Address, "GET /healthz"), 200),
        ]);
    }
}

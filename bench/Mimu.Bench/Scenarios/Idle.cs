using System.Net;
using Mimu.Bench.Client;
using Mimu.Bench.Load;
using Mimu.Bench.Report;
using Mimu.Bench.Server;

namespace Mimu.Bench.Scenarios;

/// <summary>Sockets that do nothing, each of an account of its own: what being connected costs.</summary>
internal static class Idle
{
    private const int PerSource = 20_000; // the usual range of ephemeral ports has 28,232

    public static async Task<Result[]> RunAsync(Surface surface)
    {
        if (surface.Options.FloorsOnly)
            return [];
        int sockets = surface.Options.IdleSockets;
        long files = Native.RaiseOpenFiles();
        if (files < sockets + 300)
            throw new BenchException($"{sockets} sockets need as many open files here and in the server, and the limit is {files}: raise it (ulimit -n) or use --idle");

        await using MimuServer server = await surface.StartServerAsync();
        Account[] accounts = await RegisterAsync(server, sockets);
        using var exchange = new Exchange(new Payload(surface.Options.PayloadBytes), surface.Faults);
        exchange.PumpFor(Settle(surface));
        long before = server.Meter.ResidentBytes();
        for (int i = 0; i < sockets; i++)
        {
            IPAddress? source = i < PerSource ? null : new IPAddress([127, 0, 0, (byte)(1 + (i / PerSource))]);
            WebSocketConnection.Connect(exchange.Poller, server.Address, exchange, new($"socket {i}", i, accounts[i].Token, Source: source));
            if (i % 64 == 0)
                exchange.Poller.Poll(0); // read the Hellos, answer pings
        }

        exchange.AwaitHellos(sockets);
        exchange.PumpFor(Settle(surface));
        exchange.Window.Begin(server.Meter);
        exchange.PumpFor(surface.Options.Measured);
        exchange.Window.End(server.Meter);
        long after = server.Meter.ResidentBytes();
        exchange.Dispose();
        await Task.Delay(Settle(surface));
        long closed = server.Meter.ResidentBytes();
        await server.StopAsync(surface.Faults);

        double kibibytes = (after - before) / 1024.0 / sockets;
        double cpu = exchange.Window.ServerCpuMicros / exchange.Window.Seconds / 1e4;
        return [new Result("idle")
        {
            Note = "{kibibytes_a_socket} KiB a socket, {sockets} sockets, {percent_of_a_core} % of a core; RSS {resident_megabytes_after_closing} MiB after closing them",
            Extra = new Dictionary<string, double>
            {
                ["sockets"] = sockets,
                ["kibibytes_a_socket"] = kibibytes,
                ["percent_of_a_core"] = cpu,
                ["resident_megabytes_after_closing"] = Result.Megabytes(closed),
            },
        }.WithResident(before, after)];
    }

    private static TimeSpan Settle(Surface surface) => TimeSpan.FromSeconds(surface.Options.Quick ? 0.2 : 3);

    private static async Task<Account[]> RegisterAsync(MimuServer server, int count)
    {
        using var api = new Api(server.Address);
        return await api.RegisterAsync(count);
    }
}

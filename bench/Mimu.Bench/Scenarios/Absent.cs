using System.Diagnostics;
using Mimu.Bench.Client;
using Mimu.Bench.Floors;
using Mimu.Bench.Load;
using Mimu.Bench.Measure;
using Mimu.Bench.Report;
using Mimu.Bench.Server;

namespace Mimu.Bench.Scenarios;

/// <summary>
/// The morning after: messages for users who are not there are stored, then all of them come at once and fetch what they missed. Counted,
/// not timed, so that both halves have the same messages.
/// </summary>
internal static class Absent
{
    private static readonly TimeSpan AtMost = TimeSpan.FromMinutes(2);

    public static async Task<Result[]> RunAsync(Surface surface, Shape shape)
    {
        double? echo = await surface.Floors.EchoAsync(shape);
        double? row = await surface.Floors.SqliteAsync(shape);
        if (surface.Options.FloorsOnly)
            return [];

        int each = (int)Math.Clamp(200 * surface.Options.Seconds, 50, 5000);
        await using MimuServer server = await surface.StartServerAsync();
        (Account[] accounts, string[] chats) = await Pairs.MakeAsync(server, shape.Senders);
        Account[] absent = accounts[shape.Senders..];
        string[] cursors = await CursorsAsync(server, absent);

        var payload = new Payload(surface.Options.PayloadBytes);
        using var exchange = new Exchange(payload, surface.Faults);
        for (int i = 0; i < shape.Senders; i++)
        {
            Sender sender = exchange.AddSender(shape.InFlight, isAcked: true, [], MessageTemplate.ForSocket(chats[i], payload, surface.Options.ClientMessageIds));
            exchange.Expect(sender, absent[i].Number);
            sender.Connections = [WebSocketConnection.Connect(exchange.Poller, server.Address, exchange, new($"sender {i}", i, accounts[i].Token))];
        }

        exchange.AwaitHellos(shape.Senders);
        long before = server.Meter.ResidentBytes();
        exchange.RunCounted(each, AtMost, server.Meter);
        long between = server.Meter.ResidentBytes();
        Result stored = Result.Of("absent-store", exchange.Window).WithResident(before, between) with { Note = $"{each} messages for each of {shape.Senders}; times are to the Ack" };

        Result drained = Drain(exchange, server, absent, cursors);
        exchange.CheckDeliveries();
        drained = drained.WithResident(between, server.Meter.ResidentBytes());
        exchange.Dispose();
        await server.StopAsync(surface.Faults);
        return [stored.Against("a+b", echo + row), drained.Against("a", echo)];
    }

    private static Result Drain(Exchange exchange, MimuServer server, Account[] absent, string[] cursors)
    {
        exchange.Window.Begin(server.Meter);
        var connected = new Dictionary<int, long>();
        foreach ((Account account, string cursor) in absent.Zip(cursors))
        {
            connected[account.Number] = Stopwatch.GetTimestamp();
            string query = $"?since={Uri.EscapeDataString(cursor)}";
            WebSocketConnection.Connect(exchange.Poller, server.Address, exchange, new($"absent {account.Number}", account.Number, account.Token, query));
        }

        exchange.Drain(exchange.Sent, AtMost, server.Meter);
        var catchUp = new Histogram();
        foreach ((int party, long last) in exchange.LastDelivery)
            catchUp.Record(last - connected[party]);
        exchange.PumpFor(TimeSpan.FromMilliseconds(200)); // anything that comes twice would come now
        return Result.Of("absent-drain", exchange.Window) with
        {
            Latency = catchUp.ToLatency(),
            AckLatency = null,
            SendsPerSecond = null,
            Note = "times are from connecting to a user's last missed message",
        };
    }

    private static async Task<string[]> CursorsAsync(MimuServer server, Account[] absent)
    {
        using var api = new Api(server.Address);
        return await api.CursorsAsync(absent);
    }
}

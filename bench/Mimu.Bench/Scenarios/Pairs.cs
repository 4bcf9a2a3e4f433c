using Mimu.Bench.Client;
using Mimu.Bench.Floors;
using Mimu.Bench.Load;
using Mimu.Bench.Report;
using Mimu.Bench.Server;

namespace Mimu.Bench.Scenarios;

/// <summary>Pairs in direct chats: one sends, the other is online and receives.</summary>
internal static class Pairs
{
    public static async Task<Result[]> RunAsync(Surface surface, string name, Shape shape, bool overHttp)
    {
        double? echo = await surface.Floors.EchoAsync(shape);
        double? row = await surface.Floors.SqliteAsync(shape);
        double? post = overHttp ? await surface.Floors.PostAsync(shape) : null;
        if (surface.Options.FloorsOnly)
            return [];

        await using MimuServer server = await surface.StartServerAsync();
        (Account[] accounts, string[] chats) = await MakeAsync(server, shape.Senders);
        Result result = Load(surface, name, server, accounts, chats, shape, overHttp);
        await server.StopAsync(surface.Faults);
        return [overHttp ? result.Against("c+a+b", post + echo + row) : result.Against("2a+b", (2 * echo) + row)];
    }

    /// <summary>The load of the first pairs of those that <see cref="MakeAsync"/> made, as many as the shape has senders.</summary>
    public static Result Load(Surface surface, string name, MimuServer server, Account[] accounts, string[] chats, Shape shape, bool overHttp)
    {
        int pairs = accounts.Length / 2;
        var payload = new Payload(surface.Options.PayloadBytes);
        using var exchange = new Exchange(payload, surface.Faults);
        for (int i = 0; i < shape.Senders; i++)
        {
            int recipient = pairs + i;
            WebSocketConnection.Connect(exchange.Poller, server.Address, exchange, new($"recipient {i}", recipient, accounts[recipient].Token));
            Sender sender = exchange.AddSender(shape.InFlight, isAcked: true, [recipient], overHttp
                ? MessageTemplate.ForHttp(server.Address.ToString(), accounts[i].Token, chats[i], payload, surface.Options.ClientMessageIds)
                : MessageTemplate.ForSocket(chats[i], payload, surface.Options.ClientMessageIds));
            sender.Connections = overHttp
                ? [.. Enumerable.Range(0, shape.InFlight).Select(slot => HttpConnection.Connect(exchange.Poller, server.Address, exchange, i, slot))]
                : [WebSocketConnection.Connect(exchange.Poller, server.Address, exchange, new($"sender {i}", i, accounts[i].Token))];
        }

        exchange.AwaitHellos(overHttp ? shape.Senders : 2 * shape.Senders);
        long before = server.Meter.ResidentBytes();
        exchange.Run(surface.Options.WarmUp, surface.Options.Measured, server.Meter);
        exchange.CheckDeliveries();
        return Result.Of(name, exchange.Window).WithResident(before, server.Meter.ResidentBytes());
    }

    /// <summary>Accounts 0 … n−1 and n … 2n−1, and the direct chats between i and n+i.</summary>
    public static async Task<(Account[] Accounts, string[] Chats)> MakeAsync(MimuServer server, int pairs)
    {
        using var api = new Api(server.Address);
        Account[] accounts = await api.RegisterAsync(2 * pairs);
        string[] chats = await api.CreateChatsAsync([.. Enumerable.Range(0, pairs).Select(i => (accounts[i], new[] { accounts[pairs + i] }))]);
        return (accounts, chats);
    }
}

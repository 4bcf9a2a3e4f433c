using Mimu.Bench.Client;
using Mimu.Bench.Floors;
using Mimu.Bench.Load;
using Mimu.Bench.Report;
using Mimu.Bench.Server;

namespace Mimu.Bench.Scenarios;

/// <summary>One group, everyone online, some of them talking: what a delivery costs when a message has many.</summary>
internal static class Group
{
    public static async Task<Result[]> RunAsync(Surface surface, int members, Shape shape)
    {
        double? echo = await surface.Floors.EchoAsync(shape);
        double? row = await surface.Floors.SqliteAsync(shape);
        if (surface.Options.FloorsOnly)
            return [];

        await using MimuServer server = await surface.StartServerAsync();
        (Account[] accounts, string chat) = await MakeAsync(server, members);
        Result result = Load(surface, server, accounts, chat, shape);
        await server.StopAsync(surface.Faults);
        // As for a pair, an echo for the send and one for each delivery, and a row; told for one delivery.
        return [result.Against("a+(a+b)/recipients", echo + ((echo + row) / (members - 1)))];
    }

    /// <summary>The load of a group, all of them online.</summary>
    public static Result Load(Surface surface, MimuServer server, Account[] accounts, string chat, Shape shape)
    {
        var payload = new Payload(surface.Options.PayloadBytes);
        using var exchange = new Exchange(payload, surface.Faults);
        WebSocketConnection[] sockets = [.. accounts.Select(account =>
            WebSocketConnection.Connect(exchange.Poller, server.Address, exchange, new($"member {account.Number}", account.Number, account.Token)))];
        for (int i = 0; i < shape.Senders; i++)
        {
            // A socket gets nothing of what its own session sent (section 6).
            int[] others = [.. Enumerable.Range(0, accounts.Length).Where(member => member != i)];
            MessageTemplate template = MessageTemplate.ForSocket(chat, payload, surface.Options.ClientMessageIds);
            exchange.AddSender(shape.InFlight, isAcked: true, others, template).Connections = [sockets[i]];
        }

        exchange.AwaitHellos(accounts.Length);
        long before = server.Meter.ResidentBytes();
        exchange.Run(surface.Options.WarmUp, surface.Options.Measured, server.Meter);
        exchange.CheckDeliveries();
        return Result.Of($"group-{accounts.Length}", exchange.Window).WithResident(before, server.Meter.ResidentBytes());
    }

    private static async Task<(Account[] Accounts, string Chat)> MakeAsync(MimuServer server, int members)
    {
        using var api = new Api(server.Address);
        Account[] accounts = await api.RegisterAsync(members);
        string[] chats = await api.CreateChatsAsync([(accounts[0], accounts[1..])]);
        return (accounts, chats[0]);
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Microsoft.Data.Sqlite;

namespace Mimu.Smoke;

/// <summary>Killed at any moment, the server needs no repair, and nothing that it acknowledged is missing.</summary>
public sealed class KillTests : IDisposable
{
    /// <summary>By $MIMU_KILL_ROUNDS.</summary>
    internal static readonly int Rounds = int.Parse(Environment.GetEnvironmentVariable("MIMU_KILL_ROUNDS") ?? "10", CultureInfo.InvariantCulture);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Killed_under_load_again_and_again_it_loses_no_acknowledged_message()
    {
        var (server, address) = await StartAsync();
        try
        {
            var alice = await Client.RegisterAsync(address, "alice");
            var bob = await Client.RegisterAsync(address, "bob");
            var chat = await alice.OpenChatAsync(bob);
            for (var round = 0; round < Rounds; round++)
            {
                var cursor = await bob.At(address).CursorAsync();
                var acknowledged = await SendUntilKilledAsync(server, alice.At(address), chat, enough: 20 + round % 7 * 30);
                await server.DisposeAsync();

                (server, address) = await StartAsync();
                foreach (var reader in (Client[])[bob.At(address), alice.At(address)])
                {
                    var stored = (await reader.MessagesSinceAsync(cursor)).ToHashSet();
                    var lost = acknowledged.Where(id => !stored.Contains(id)).ToList();
                    Assert.True(lost.Count == 0, $"round {round}: {lost.Count} of {acknowledged.Count} acknowledged messages are gone");
                }
                Assert.Equal("ok", CheckIntegrity(_directory));
            }
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private Task<(Program Program, Uri Address)> StartAsync() =>
        Program.ServeAsync(_directory.FullName, ("MIMU_AUTH__ARGON2_MEMORY", "64KiB"), ("MIMU_AUTH__ARGON2_ITERATIONS", "1"));

    /// <summary>Several senders over both doors; the server is killed as soon as enough has been acknowledged, with the rest under way.</summary>
    private static async Task<IReadOnlyCollection<string>> SendUntilKilledAsync(Program server, Client alice, string chat, int enough)
    {
        var acknowledged = new ConcurrentBag<string>();
        using var socket = await alice.OpenSocketAsync();
        List<Task> senders = [SendBySocketAsync(socket, chat, Acknowledge)];
        for (var i = 0; i < 4; i++)
        {
            senders.Add(SendByHttpAsync(alice, chat, Acknowledge));
        }
        await Task.WhenAll(senders);
        return acknowledged;

        void Acknowledge(string id)
        {
            acknowledged.Add(id);
            if (acknowledged.Count == enough)
            {
                server.Signal("KILL");
            }
        }
    }

    private static async Task SendByHttpAsync(Client alice, string chat, Action<string> acknowledge)
    {
        try
        {
            while (true)
            {
                acknowledge(await alice.SendAsync(chat, "by HTTP"));
            }
        }
        catch (HttpRequestException)
        {
            // The server is dead.
        }
    }

    private static async Task SendBySocketAsync(ClientWebSocket socket, string chat, Action<string> acknowledge)
    {
        var frame = Client.MessageOf(chat, "by WebSocket");
        frame["type"] = "SendMessage";
        frame["id"] = "1";
        var bytes = Encoding.UTF8.GetBytes(frame.ToJsonString());
        var buffer = new byte[64 * 1024];
        try
        {
            // Eight are under way at any time.
            for (var i = 0; i < 8; i++)
            {
                await socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, default);
            }
            while (await Client.ReceiveAsync(socket, buffer) is { } answer)
            {
                if ((string?)answer["type"] == "Ack")
                {
                    acknowledge((string)answer["data"]!["message_id"]!);
                    await socket.SendAsync(bytes, WebSocketMessageType.Text, endOfMessage: true, default);
                }
            }
        }
        catch (WebSocketException)
        {
            // The server is dead.
        }
    }

    internal static string CheckIntegrity(TemporaryDirectory directory)
    {
        using var connection = new SqliteConnection($"Data Source={directory.PathOf("mimu-data/mimu.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return (string)command.ExecuteScalar()!;
    }
}

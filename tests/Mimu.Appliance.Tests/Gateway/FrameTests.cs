using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Gateway;

/// <summary>Protocol section 7: what clients say over a socket.</summary>
public class FrameTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task A_message_is_acknowledged_with_what_was_stored()
    {
        var (alice, bob, chat) = await ConnectedAsync();
        await bob.ConnectAsync();
        var payload = RandomNumberGenerator.GetBytes(256 * 1024);
        await alice.Socket.SendAsync(Frame(chat, payload, "1"));
        var sent = await alice.Socket.ExpectAckAsync("1");
        Assert.Equal(Convert.ToBase64String(payload), (string?)sent["encrypted_payload"]);
        Assert.Equal(sent.ToJsonString(), (await bob.Socket.ExpectDataAsync("NewMessage")).ToJsonString());
        Assert.Equal(sent.ToJsonString(), (await bob.ListMessagesAsync(chat))["messages"]![0]!.ToJsonString());
    }

    [Fact]
    public async Task Without_an_id_there_is_no_acknowledgement_but_a_refusal_is_told()
    {
        var (alice, bob, chat) = await ConnectedAsync();
        await bob.ConnectAsync();
        await alice.Socket.SendAsync(Frame(chat, [1]));
        await bob.Socket.ExpectAsync("NewMessage");
        await alice.Socket.ExpectNothingElseAsync();
        await alice.Socket.SendAsync(Frame(Guid.CreateVersion7().ToString(), [1]));
        await alice.Socket.ExpectErrorAsync("not_found");
        await alice.Socket.SendAsync("""{ "type": "SendMessage" }""");
        var errors = (await alice.Socket.ExpectErrorAsync("validation_failed"))["errors"]!;
        Assert.Equal(["chat_id", "encrypted_payload", "message_type"], errors.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task The_rules_are_those_of_HTTP()
    {
        var (alice, bob, chat) = await ConnectedAsync();
        var own = Guid.NewGuid().ToString();
        await alice.Socket.SendAsync(Frame(chat, [1], "first", ("client_message_id", own)));
        var first = await alice.Socket.ExpectAckAsync("first");
        Assert.Equal(own, (string?)first["client_message_id"]);
        await alice.Socket.SendAsync(Frame(chat, [2], "again", ("client_message_id", own)));
        Assert.Equal(first.ToJsonString(), (await alice.Socket.ExpectAckAsync("again")).ToJsonString());
        Assert.Equal(first.ToJsonString(), (await alice.TrySendAsync(chat, [3], body => body["client_message_id"] = own)).Expect(200).ToJsonString());

        await alice.Socket.SendAsync(Frame(chat, [1], "stale", ("membership_version", 7)));
        Assert.Equal(1, (int?)(await alice.Socket.ExpectErrorAsync("stale_membership", "stale"))["membership_version"]);
        await alice.Socket.SendAsync(Frame(chat, [1], "reply", ("reply_to", chat)));
        Assert.NotNull((await alice.Socket.ExpectErrorAsync("validation_failed", "reply"))["errors"]!["reply_to"]);
        await alice.Socket.SendAsync(Frame(chat, RandomNumberGenerator.GetBytes(256 * 1024 + 1), "large"));
        await alice.Socket.ExpectErrorAsync("payload_too_large", "large");
        await alice.Socket.SendAsync(Frame(Guid.CreateVersion7().ToString(), [1], "where"));
        await alice.Socket.ExpectErrorAsync("not_found", "where");
        await alice.Socket.SendAsync(Frame(chat, [], "empty", ("message_type", "Not Good"), ("expires_in", 0)));
        var errors = (await alice.Socket.ExpectErrorAsync("validation_failed", "empty"))["errors"]!;
        Assert.Equal(["encrypted_payload", "message_type", "expires_in"], errors.AsObject().Select(error => error.Key));
        Assert.Single((await bob.ListMessagesAsync(chat))["messages"]!.AsArray());
    }

    [Fact]
    public async Task Messages_of_one_socket_keep_their_order_without_waiting_for_answers()
    {
        var (alice, bob, chat) = await ConnectedAsync();
        var before = await bob.CursorAsync();
        for (var i = 0; i < 600; i++)
        {
            await alice.Socket.SendAsync(Frame(chat, BitConverter.GetBytes(i), i.ToString(CultureInfo.InvariantCulture)));
        }
        var acknowledged = new HashSet<string>();
        while (acknowledged.Count < 600)
        {
            Assert.True(acknowledged.Add((string)(await alice.Socket.ExpectAsync("Ack"))["id"]!));
        }
        Assert.Equal(Enumerable.Range(0, 600), (await bob.SyncAllAsync(before)).Select(happened =>
            BitConverter.ToInt32(Convert.FromBase64String((string)happened["data"]!["encrypted_payload"]!))));
    }

    [Fact]
    public async Task A_ping_is_answered_with_its_id_if_it_has_one()
    {
        var (alice, _, _) = await ConnectedAsync();
        await alice.Socket.SendAsync("""{ "type": "Ping", "id": "ping é 🦊" }""");
        Assert.Equal("""{"type":"Pong","id":"ping é 🦊"}""", Plain(await alice.Socket.ExpectAsync("Pong")));
        await alice.Socket.SendAsync("""{ "type": "Ping" }""");
        Assert.Equal("""{"type":"Pong"}""", Plain(await alice.Socket.ExpectAsync("Pong")));
        await alice.Socket.SendAsync("""{ "type": "Ping", "id": null }""");
        Assert.Equal("""{"type":"Pong"}""", Plain(await alice.Socket.ExpectAsync("Pong")));
    }

    [Theory]
    [InlineData("64 foxes", true)]
    [InlineData("65 foxes", false)]
    [InlineData("5", false)]
    [InlineData("{}", false)]
    [InlineData("\"\\ud800\"", false)]
    [InlineData("\"\"", true)]
    public async Task An_id_is_text_of_up_to_64_characters(string id, bool isGood)
    {
        var (alice, _, _) = await ConnectedAsync();
        var json = id.EndsWith("foxes", StringComparison.Ordinal)
            ? $"\"{string.Concat(Enumerable.Repeat("🦊", int.Parse(id[..2], CultureInfo.InvariantCulture)))}\""
            : id;
        await alice.Socket.SendAsync($$"""{ "type": "Ping", "id": {{json}} }""");
        if (isGood)
        {
            await alice.Socket.ExpectAsync("Pong");
        }
        else
        {
            await alice.Socket.ExpectErrorAsync("malformed_request");
        }
        await alice.Socket.ExpectNothingElseAsync();
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("not JSON")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"type\":\"Hello\"}")]
    [InlineData("{\"type\":\"sendmessage\"}")]
    [InlineData("{\"type\":null}")]
    [InlineData("{\"type\":{}}")]
    [InlineData("{\"type\":\"\\ud800\"}")]
    [InlineData("{\"type\":\"Ping\",\"type\":\"Ping\"}")]
    [InlineData("{\"\\ud800\":1}")]
    [InlineData("{\"type\":\"Ping\"}{\"type\":\"Ping\"}")]
    [InlineData("{\"type\":\"Ping\"")]
    public async Task A_frame_that_is_no_object_of_a_known_type_gets_an_error_and_the_socket_lives_on(string frame)
    {
        var (alice, _, _) = await ConnectedAsync();
        await alice.Socket.SendAsync(frame);
        await alice.Socket.ExpectErrorAsync("malformed_request");
        await alice.Socket.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task An_unknown_type_is_refused_with_its_id()
    {
        var (alice, _, _) = await ConnectedAsync();
        await alice.Socket.SendAsync("""{ "type": "Typing2", "id": "t" }""");
        await alice.Socket.ExpectErrorAsync("malformed_request", "t");
    }

    [Fact]
    public async Task A_frame_may_come_in_pieces()
    {
        var (alice, bob, chat) = await ConnectedAsync();
        var frame = Encoding.UTF8.GetBytes(Frame(chat, RandomNumberGenerator.GetBytes(100_000), "pieces").ToJsonString());
        for (var start = 0; start < frame.Length; start += 9973)
        {
            await alice.Socket.SendAsync([], isEnd: false);
            await alice.Socket.SendAsync(frame[start..Math.Min(frame.Length, start + 9973)], isEnd: false);
        }
        await alice.Socket.SendAsync([], isEnd: true);
        await alice.Socket.ExpectAckAsync("pieces");
        Assert.Single((await bob.ListMessagesAsync(chat))["messages"]!.AsArray());
    }

    private async Task<(Person Alice, Person Bob, string Chat)> ConnectedAsync()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        await alice.ConnectAsync();
        return (alice, bob, chat);
    }

    private static JsonObject Frame(string chat, byte[] payload, string? id = null, params (string Name, JsonNode Value)[] more)
    {
        var frame = Person.MessageOf(chat, payload);
        frame["type"] = "SendMessage";
        if (id is not null)
        {
            frame["id"] = id;
        }
        foreach (var (name, value) in more)
        {
            frame[name] = value;
        }
        return frame;
    }

    private static string Plain(JsonObject frame) => frame.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping })
        .Replace("\\uD83E\\uDD8A", "🦊", StringComparison.Ordinal);
}

using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Golden;

/// <summary>The shape of every answer, event and frame: what changes on the wire changes a file here.</summary>
public class GoldenTests(Host host) : IClassFixture<Host>
{
    private readonly GoldenFile _golden = new();

    [Fact]
    public async Task Auth()
    {
        var registration = new Registration("auth.golden");
        var registered = await host.Anonymous.PostAsync("/auth/register", registration.Body);
        _golden.Check("auth-register", registered);
        _golden.Check("auth-login", await host.Anonymous.PostAsync("/auth/login", new JsonObject { ["public_id"] = "auth.golden", ["password"] = registration.Password }));
        var body = new JsonObject { ["refresh_token"] = (string)registered.Json["refresh_token"]! };
        _golden.Check("auth-refresh", await host.Anonymous.PostAsync("/auth/refresh", body));
        _golden.Check("problem-refresh-token-reused", await host.Anonymous.PostAsync("/auth/refresh", body));
        _golden.Check("problem-invalid-refresh-token", await host.Anonymous.PostAsync("/auth/refresh", body));
        _golden.Check("problem-session-ended", await host.Anonymous.With((string)registered.Json["access_token"]!).GetAsync("/api/v1/sync"));
        _golden.Check("problem-public-id-taken", await host.Anonymous.PostAsync("/auth/register", registration.Body));
        _golden.Check("problem-invalid-credentials", await host.Anonymous.PostAsync("/auth/login", new JsonObject { ["public_id"] = "auth.golden", ["password"] = "" }));
        _golden.Check("problem-unauthorized", await host.Anonymous.GetAsync("/api/v1/sync"));
    }

    [Fact]
    public async Task Requests_that_are_not_as_they_must_be()
    {
        _golden.Check("problem-malformed-request", await host.Anonymous.PostAsync("/auth/login", "{"));
        _golden.Check("problem-unsupported-media-type", await host.Anonymous.PostAsync("/auth/login", "{}", "text/plain"));
        _golden.Check("problem-payload-too-large", await host.Anonymous.PostAsync("/auth/login", new string(' ', (1 << 20) + 1)));
        _golden.Check("problem-validation-failed", await host.Anonymous.PostAsync("/auth/register", """
            { "public_id": "Not A Name", "password": "short", "fingerprint": "00", "device_name": "\n",
              "signed_prekey": { "key_id": -1, "public_key": "AA==", "signature": "" }, "one_time_prekeys": [ 5, { } ], "signal_registration_id": 0 }
            """));
        _golden.Check("problem-unknown-path", await host.Anonymous.GetAsync("/nothing"));
        _golden.Check("problem-method-not-allowed", await host.Anonymous.GetAsync("/auth/login"));
    }

    [Fact]
    public async Task People_and_prekeys()
    {
        var alice = await host.RegisterAsync("alice");
        (await host.Anonymous.PostAsync("/auth/register", new Registration("golden.bob").WithOneTimePrekeys(1).WithPqPrekeys(1).Body)).Expect(201);
        _golden.Check("users-search", await alice.Http.GetAsync("/users/search?q=golden.b"));
        _golden.Check("users-profile", await alice.Http.GetAsync("/users/golden.bob"));
        _golden.Check("users-prekeys", await alice.Http.GetAsync("/users/golden.bob/prekeys"));
        _golden.Check("users-prekeys-last-resort", await alice.Http.GetAsync("/users/golden.bob/prekeys"));
        (await host.Anonymous.PostAsync("/auth/register", new Registration("golden.carol") { Body = { ["signal_registration_id"] = 4711 } }.Body)).Expect(201);
        _golden.Check("users-prekeys-none-left", await alice.Http.GetAsync("/users/golden.carol/prekeys"));
        _golden.Check("problem-not-found", await alice.Http.GetAsync("/users/golden.nobody"));
    }

    [Fact]
    public async Task Chats_messages_events_and_frames()
    {
        var tokens = (await host.Anonymous.PostAsync("/auth/register", new Registration("golden.dave").Body)).Expect(201);
        var dave = new Person(host, new Registration("golden.dave"), tokens);
        var erin = new Person(host, new Registration("golden.erin"), (await host.Anonymous.PostAsync("/auth/register", new Registration("golden.erin").Body)).Expect(201));
        _golden.Name(dave.UserId, "Dave");
        _golden.Name(erin.UserId, "Erin");
        var start = await erin.CursorAsync();
        var created = await dave.CreateChatAsync([erin], body => (body["encrypted_metadata"], body["message_ttl"], body["type"]) = ("+/8=", 3600, "group"));
        var chat = (string)created.Json["chat_id"]!;
        _golden.Name(chat, "the chat");
        _golden.Check("chats-create-group", created);
        _golden.Check("chats-create-direct", await dave.CreateChatAsync([erin]));

        var own = Guid.NewGuid().ToString();
        _golden.Name(own, "Dave's own id");
        var sent = await dave.TrySendAsync(chat, [1, 2, 250, 255], body => body["client_message_id"] = own);
        var message = (string)sent.Json["message_id"]!;
        _golden.Name(message, "the message");
        _golden.Check("messages-send", sent);
        _golden.Check("messages-list", await erin.Http.GetAsync($"/api/v1/messages?chat_id={chat}"));
        _golden.Check("problem-stale-membership", await dave.TrySendAsync(chat, [1], body => body["membership_version"] = 2));
        _golden.Check("problem-payload-member-too-large", await dave.TrySendAsync(chat, new byte[256 * 1024 + 1]));
        _golden.Check("problem-cursor-expired", await dave.Http.GetAsync("/api/v1/sync?since=none"));
        _golden.Check("sync", await erin.Http.GetAsync($"/api/v1/sync?since={start}"));

        var direct = (string)(await erin.CreateChatAsync([dave])).Expect(200)["chat_id"]!;
        await erin.SendAsync(direct, "hi");
        _golden.Check("chats-create-direct-again", await dave.CreateChatAsync([erin]));
        await FramesAsync(dave, chat, start);
    }

    [Fact]
    public async Task Messages_that_change_and_go()
    {
        var ivan = new Person(host, new Registration("golden.ivan"), (await host.Anonymous.PostAsync("/auth/register", new Registration("golden.ivan").Body)).Expect(201));
        var chat = await ivan.CreateGroupAsync();
        _golden.Name(ivan.UserId, "Ivan");
        _golden.Name(chat, "the chat");
        var (own, other) = (Guid.NewGuid().ToString(), Guid.NewGuid().ToString());
        _golden.Name(own, "Ivan's own id");
        _golden.Name(other, "Ivan's other id");
        var sent = await ivan.SendAsync(chat, "hello", body => body["client_message_id"] = own);
        _golden.Name((string)sent["message_id"]!, "the message");
        var start = await ivan.CursorAsync();
        await using var socket = await ivan.ConnectAsync();
        _golden.Check("messages-get", await ivan.GetMessageAsync(sent));
        _golden.Check("messages-forward", await ivan.TryForwardAsync(sent, Person.Target(chat, "again", other), Person.Target(chat)));
        _golden.Check("messages-edit", await ivan.TryEditAsync(sent, "edited"));
        _golden.Check("frame-message-edited", "frame", await socket.ExpectAsync("MessageEdited"));
        _golden.Check("sync-message-edited", await ivan.Http.GetAsync($"/api/v1/sync?since={start}"));
        (await ivan.TryDeleteAsync(sent)).ExpectNothing();
        _golden.Check("frame-message-deleted", "frame", await socket.ExpectAsync("MessageDeleted"));
        _golden.Check("problem-forward-not-found", await ivan.TryForwardAsync(sent, Person.Target(chat)));
        _golden.Check("messages-send-repeat-of-deleted", await ivan.TrySendAsync(chat, [1], body => body["client_message_id"] = own));
    }

    [Fact]
    public async Task Participants_and_what_is_told_of_them()
    {
        var (frank, grace, heidi) = (await RegisterAsync("frank", "Frank"), await RegisterAsync("grace", "Grace"), await RegisterAsync("heidi", "Heidi"));
        await frank.CreateGroupAsync();
        var chat = await frank.CreateGroupAsync(grace);
        _golden.Name(chat, "the chat");
        var message = (string)(await grace.SendAsync(chat, [1, 2, 3]))["message_id"]!;
        _golden.Name(message, "the message");
        _golden.Check("chats-list", await frank.TryListChatsAsync("?limit=1"));
        _golden.Check("chats-get", await frank.TryGetChatAsync(chat));
        await using var socket = await grace.ConnectAsync();

        _golden.Check("chats-change", await frank.ChangeChatAsync(chat, new JsonObject { ["encrypted_metadata"] = "AAEC", ["message_ttl"] = 60 }));
        _golden.Check("frame-chat-updated", "frame", await socket.ExpectAsync("ChatUpdated"));
        _golden.Check("chats-add-participant", await frank.AddAsync(chat, heidi));
        _golden.Check("frame-participant-added", "frame", await socket.ExpectAsync("ParticipantAdded"));
        _golden.Check("chats-change-role", await frank.GiveRoleAsync(chat, heidi, "admin"));
        _golden.Check("frame-participant-role-changed", "frame", await socket.ExpectAsync("ParticipantRoleChanged"));
        (await frank.MarkReadAsync(chat, message)).ExpectNothing();
        _golden.Check("frame-message-read", "frame", await socket.ExpectAsync("MessageRead"));
        await using var other = await heidi.ConnectAsync();
        await other.SendAsync($$"""{ "type": "Typing", "chat_id": "{{chat}}", "active": true }""");
        _golden.Check("frame-typing-indicator", "frame", await socket.ExpectAsync("TypingIndicator"));
        (await frank.RemoveAsync(chat, heidi)).ExpectNothing();
        _golden.Check("frame-participant-removed", "frame", await socket.ExpectAsync("ParticipantRemoved"));

        _golden.Check("problem-not-admin", await grace.ChangeChatAsync(chat, new JsonObject()));
        _golden.Check("problem-direct-chat", await frank.LeaveAsync(await frank.CreateDirectAsync(grace)));
        _golden.Check("problem-last-admin", await frank.GiveRoleAsync(chat, frank, "member"));

        async Task<Person> RegisterAsync(string name, string called)
        {
            var registration = new Registration($"golden.{name}");
            var person = new Person(host, registration, (await host.Anonymous.PostAsync("/auth/register", registration.Body)).Expect(201));
            _golden.Name(person.UserId, called);
            return person;
        }
    }

    [Fact]
    public async Task The_server()
    {
        _golden.Check("server-description", await host.Anonymous.GetAsync("/.well-known/mimu"));
        _golden.Check("server-health", await host.Anonymous.GetAsync("/healthz"));
        _golden.Check("server-readiness", await host.Anonymous.GetAsync("/readyz"));
    }

    private async Task FramesAsync(Person dave, string chat, string start)
    {
        await using var socket = await dave.OpenAsync(start);
        _golden.Check("frame-hello", "frame", await socket.ExpectAsync("Hello"));
        _golden.Check("frame-chat-created", "frame", await socket.ExpectAsync("ChatCreated"));
        await socket.ExpectAsync("ChatCreated");
        _golden.Check("frame-new-message", "frame", await socket.ExpectAsync("NewMessage"));
        await socket.ExpectAsync("NewMessage");
        await socket.SendAsync("""{ "type": "Ping", "id": "1" }""");
        _golden.Check("frame-pong", "frame", await socket.ExpectAsync("Pong"));
        await socket.SendAsync($$"""{ "type": "SendMessage", "id": "2", "chat_id": "{{chat}}", "message_type": "text", "encrypted_payload": "AQI=" }""");
        _golden.Check("frame-ack-message", "frame", await socket.ExpectAsync("Ack"));
        await socket.SendAsync($$"""{ "type": "Authenticate", "id": "3", "token": "{{dave.AccessToken}}" }""");
        _golden.Check("frame-ack", "frame", await socket.ExpectAsync("Ack"));
        await socket.SendAsync($$"""{ "type": "SendMessage", "id": "4", "chat_id": "{{chat}}", "message_type": "text", "encrypted_payload": "AQI=", "membership_version": 9 }""");
        _golden.Check("frame-error-stale-membership", "frame", await socket.ExpectAsync("Error"));
        await socket.SendAsync("""{ "type": "SendMessage", "id": "5", "chat_id": "x" }""");
        _golden.Check("frame-error-validation-failed", "frame", await socket.ExpectAsync("Error"));
        await socket.SendAsync("""{ "type": "Nonsense" }""");
        _golden.Check("frame-error-malformed-request", "frame", await socket.ExpectAsync("Error"));
        await using var lost = await dave.OpenAsync("none");
        await lost.ExpectHelloAsync();
        _golden.Check("frame-resync-required", "frame", await lost.ExpectAsync("ResyncRequired"));
    }
}

using System.Text.Json.Nodes;

namespace Mimu.Appliance.Tests.Stage;

/// <summary>Somebody signed in on one device, in the words of the protocol.</summary>
internal sealed class Person
{
    private readonly Host _host;
    private EventSocket? _socket;

    public Person(Host host, Registration registration, JsonObject tokens)
    {
        _host = host;
        Registration = registration;
        UserId = (string)tokens["user_id"]!;
        PublicId = (string)tokens["public_id"]!;
        SessionId = (string)tokens["session_id"]!;
        AccessToken = (string)tokens["access_token"]!;
        RefreshToken = (string)tokens["refresh_token"]!;
    }

    public Registration Registration { get; }

    public string UserId { get; }

    public string PublicId { get; }

    public string SessionId { get; }

    public string AccessToken { get; private set; }

    public string RefreshToken { get; private set; }

    public Http Http => _host.Anonymous.With(AccessToken);

    /// <summary>The socket that <see cref="ConnectAsync"/> opened last.</summary>
    public EventSocket Socket => _socket ?? throw new InvalidOperationException($"{PublicId} has opened no socket.");

    /// <summary>The same account on the same device, signed in once more: another session.</summary>
    public async Task<Person> SignInAgainAsync()
    {
        var answer = await _host.Anonymous.PostAsync("/auth/login", new JsonObject { ["public_id"] = PublicId, ["password"] = Registration.Password });
        return new Person(_host, Registration, answer.Expect(200));
    }

    /// <summary>Another device of the same account, linked and signed in.</summary>
    public async Task<Person> LinkAsync(string deviceName = "Tablet", Action<JsonObject>? changes = null) =>
        new(_host, Registration, (await TryLinkAsync(deviceName, changes)).Expect(201));

    public Task<Answer> TryLinkAsync(string deviceName = "Tablet", Action<JsonObject>? changes = null)
    {
        var body = new JsonObject
        {
            ["password"] = Registration.Password,
            ["device_name"] = deviceName,
            ["signed_prekey"] = Registration.Signed(1, Registration.NewX25519()),
            ["one_time_prekeys"] = new JsonArray(Registration.OneTime(1)),
        };
        changes?.Invoke(body);
        return Http.PostAsync("/users/me/devices", body);
    }

    /// <summary>The same account with these tokens.</summary>
    public Person As(JsonObject tokens) => new(_host, Registration, tokens);

    /// <summary>A body with nothing but the password.</summary>
    public JsonObject Password => new() { ["password"] = Registration.Password };

    public Task<Answer> TryRefreshAsync(string? token = null) =>
        _host.Anonymous.PostAsync("/auth/refresh", new JsonObject { ["refresh_token"] = token ?? RefreshToken });

    public async Task RefreshAsync()
    {
        var tokens = (await TryRefreshAsync()).Expect(200);
        (AccessToken, RefreshToken) = ((string)tokens["access_token"]!, (string)tokens["refresh_token"]!);
    }

    /// <summary>Opens a socket and takes its Hello. Once this returns, the socket is live.</summary>
    /// <param name="since">A cursor; null for live events alone.</param>
    public async Task<EventSocket> ConnectAsync(string? since = null)
    {
        _socket = await OpenAsync(since);
        await _socket.ExpectHelloAsync();
        if (since is null)
        {
            await _socket.ExpectNothingElseAsync();
        }
        return _socket;
    }

    /// <summary>Opens a socket; its Hello is still to come.</summary>
    public Task<EventSocket> OpenAsync(string? since = null) => EventSocket.OpenAsync(_host.Address, AccessToken, since);

    public async Task<string> CreateDirectAsync(Person other) => (string)(await CreateChatAsync([other])).Expect(201)["chat_id"]!;

    public async Task<string> CreateGroupAsync(params Person[] others) =>
        (string)(await CreateChatAsync(others, body => body["type"] = "group")).Expect(201)["chat_id"]!;

    public Task<Answer> CreateChatAsync(Person[] others, Action<JsonObject>? changes = null)
    {
        var body = new JsonObject { ["participant_ids"] = new JsonArray([.. others.Select(other => JsonValue.Create(other.UserId))]) };
        changes?.Invoke(body);
        return Http.PostAsync("/api/v1/chats", body);
    }

    /// <summary>Sends a message, which must be taken as a new one.</summary>
    public async Task<JsonObject> SendAsync(string chat, byte[] payload, Action<JsonObject>? changes = null) =>
        (await TrySendAsync(chat, payload, changes)).Expect(201);

    public Task<JsonObject> SendAsync(string chat, string text, Action<JsonObject>? changes = null) =>
        SendAsync(chat, System.Text.Encoding.UTF8.GetBytes(text), changes);

    public Task<Answer> TrySendAsync(string chat, byte[] payload, Action<JsonObject>? changes = null)
    {
        var body = MessageOf(chat, payload);
        changes?.Invoke(body);
        return Http.PostAsync("/api/v1/messages", body);
    }

    /// <summary>Sends many messages at once.</summary>
    public Task SendManyAsync(string chat, int count) => Task.WhenAll(Enumerable.Range(0, count).Select(i => SendAsync(chat, BitConverter.GetBytes(i))));

    /// <summary>The members of protocol 5.1 that every message has.</summary>
    public static JsonObject MessageOf(string chat, byte[] payload) => new()
    {
        ["chat_id"] = chat,
        ["message_type"] = "text",
        ["encrypted_payload"] = Convert.ToBase64String(payload),
    };

    public async Task<JsonObject> ListMessagesAsync(string chat, string more = "") =>
        (await Http.GetAsync($"/api/v1/messages?chat_id={chat}{more}")).Expect(200);

    public Task<Answer> GetMessageAsync(JsonNode message) => Http.GetAsync(PathOf(message));

    public Task<Answer> TryEditAsync(JsonNode message, string text) =>
        Http.PostAsync($"{PathOf(message)}/edit", new JsonObject { ["encrypted_payload"] = Base64Of(text) });

    public async Task<JsonObject> EditAsync(JsonNode message, string text) => (await TryEditAsync(message, text)).Expect(200);

    public Task<Answer> TryDeleteAsync(JsonNode message) => Http.DeleteAsync(PathOf(message));

    public async Task DeleteAsync(JsonNode message) => (await TryDeleteAsync(message)).ExpectNothing();

    public Task<Answer> TryForwardAsync(JsonNode message, params JsonNode[] targets) =>
        Http.PostAsync($"{PathOf(message)}/forward", new JsonObject { ["targets"] = new JsonArray(targets) });

    /// <summary>A chat to forward to.</summary>
    public static JsonObject Target(string chat, string text = "forwarded", string? own = null) => new()
    {
        ["chat_id"] = chat,
        ["encrypted_payload"] = Base64Of(text),
        ["client_message_id"] = own,
    };

    public static string Base64Of(string text) => Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>The chat as this person sees it.</summary>
    public async Task<JsonObject> ChatAsync(string chat) => (await Http.GetAsync($"/api/v1/chats/{chat}")).Expect(200);

    private static string PathOf(JsonNode message) => $"/api/v1/messages/{(string)message["message_id"]!}";

    /// <summary>The end of this person's stream.</summary>
    public async Task<string> CursorAsync() => (string)(await Http.GetAsync("/api/v1/sync")).Expect(200)["cursor"]!;

    public async Task<JsonObject> SyncAsync(string since, string more = "") => (await Http.GetAsync($"/api/v1/sync?since={since}{more}")).Expect(200);

    /// <summary>Every event after a cursor, page by page.</summary>
    public async Task<List<JsonObject>> SyncAllAsync(string since)
    {
        var events = new List<JsonObject>();
        JsonObject page;
        do
        {
            page = await SyncAsync(since);
            events.AddRange(page["events"]!.AsArray().Select(happened => happened!.AsObject()));
            since = (string)page["cursor"]!;
        }
        while ((bool)page["has_more"]!);
        return events;
    }
}

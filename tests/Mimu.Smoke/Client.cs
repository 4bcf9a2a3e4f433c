using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using NSec.Cryptography;

namespace Mimu.Smoke;

/// <summary>A client that knows nothing of the server but the protocol.</summary>
internal sealed class Client(Uri server, string token, string userId)
{
    private static readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    public string UserId => userId;

    public string Token => token;

    public static async Task<Client> RegisterAsync(Uri server, string name, int oneTimePrekeys = 0)
    {
        var tokens = await ExchangeAsync(server, token: null, HttpMethod.Post, "/auth/register", Registration(name, oneTimePrekeys));
        return new Client(server, (string)tokens["access_token"]!, (string)tokens["user_id"]!);
    }

    /// <summary>Asks for an account; the status of the answer.</summary>
    public static async Task<int> TryRegisterAsync(Uri server, string name) =>
        (await SendAsync(server, token: null, HttpMethod.Post, "/auth/register", Registration(name, oneTimePrekeys: 0))).Status;

    /// <summary>Signs in with the password of <see cref="RegisterAsync"/>; the refresh token.</summary>
    public static async Task<string> LoginAsync(Uri server, string name) => (string)(await ExchangeAsync(server, token: null, HttpMethod.Post, "/auth/login",
        new JsonObject { ["public_id"] = name, ["password"] = $"the password of {name}" }))["refresh_token"]!;

    /// <summary>Trades a refresh token; the status of the answer, and the next token when there is one.</summary>
    public static async Task<(int Status, string? Token)> TryRefreshAsync(Uri server, string refreshToken)
    {
        var (status, text) = await SendAsync(server, token: null, HttpMethod.Post, "/auth/refresh", new JsonObject { ["refresh_token"] = refreshToken });
        return (status, (string?)JsonNode.Parse(text)!["refresh_token"]);
    }

    private static JsonObject Registration(string name, int oneTimePrekeys)
    {
        using var signing = Key.Create(SignatureAlgorithm.Ed25519);
        using var identity = Key.Create(KeyAgreementAlgorithm.X25519);
        using var prekey = Key.Create(KeyAgreementAlgorithm.X25519);
        var publicPrekey = prekey.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        return new JsonObject
        {
            ["public_id"] = name,
            ["password"] = $"the password of {name}",
            ["identity_key"] = Convert.ToBase64String(identity.PublicKey.Export(KeyBlobFormat.RawPublicKey)),
            ["signing_public_key"] = Convert.ToBase64String(signing.PublicKey.Export(KeyBlobFormat.RawPublicKey)),
            ["signed_prekey"] = new JsonObject
            {
                ["key_id"] = 1,
                ["public_key"] = Convert.ToBase64String(publicPrekey),
                ["signature"] = Convert.ToBase64String(SignatureAlgorithm.Ed25519.Sign(signing, publicPrekey)),
            },
            ["one_time_prekeys"] = new JsonArray([.. Enumerable.Range(1, oneTimePrekeys).Select(OneTimePrekey)]),
        };
    }

    private static JsonObject OneTimePrekey(int number)
    {
        using var key = Key.Create(KeyAgreementAlgorithm.X25519);
        return new JsonObject { ["key_id"] = number, ["public_key"] = Convert.ToBase64String(key.PublicKey.Export(KeyBlobFormat.RawPublicKey)) };
    }

    /// <summary>The same account at the same server after it has started again elsewhere.</summary>
    public Client At(Uri other) => new(other, token, userId);

    public async Task<string> OpenChatAsync(params Client[] others) =>
        (string)(await PostAsync("/api/v1/chats", new JsonObject { ["participant_ids"] = new JsonArray([.. others.Select(other => JsonValue.Create(other.UserId))]) }))["chat_id"]!;

    public async Task<string> SendAsync(string chat, string text) => (string)(await PostAsync("/api/v1/messages", MessageOf(chat, text)))["message_id"]!;

    /// <summary>Sends a message that may be refused; the status and the code of the refusal, or the message's id.</summary>
    public async Task<(int Status, string Told)> TrySendAsync(string chat, string text)
    {
        var (status, answer) = await SendAsync(server, token, HttpMethod.Post, "/api/v1/messages", MessageOf(chat, text));
        var body = JsonNode.Parse(answer)!;
        return (status, (string)(body["message_id"] ?? body["code"])!);
    }

    public static JsonObject MessageOf(string chat, string text) => new()
    {
        ["chat_id"] = chat,
        ["message_type"] = "text",
        ["encrypted_payload"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text)),
    };

    public async Task<string> CursorAsync() => (string)(await GetAsync("/api/v1/sync"))["cursor"]!;

    /// <summary>The ids of all messages in the stream after a cursor, in order.</summary>
    public async Task<List<string>> MessagesSinceAsync(string cursor)
    {
        var ids = new List<string>();
        JsonNode page;
        do
        {
            page = await GetAsync($"/api/v1/sync?limit=100&since={cursor}");
            ids.AddRange(page["events"]!.AsArray().Where(happened => (string?)happened!["type"] == "NewMessage").Select(happened => (string)happened!["data"]!["message_id"]!));
            cursor = (string)page["cursor"]!;
        }
        while ((bool)page["has_more"]!);
        return ids;
    }

    public Task<JsonNode> RequestUploadAsync(int size, byte[]? sha256 = null)
    {
        var body = new JsonObject { ["size"] = size };
        if (sha256 is not null)
        {
            body["sha256"] = Convert.ToBase64String(sha256);
        }
        return PostAsync("/api/v1/media/upload", body);
    }

    /// <summary>What is known of a file; null if there is none for this account.</summary>
    public async Task<JsonNode?> FindFileAsync(string key)
    {
        var (status, text) = await SendAsync(server, token, HttpMethod.Get, $"/api/v1/media/{key}", body: null);
        Assert.True(status is 200 or 404, $"the file {key}: {status} {text}");
        return status == 200 ? JsonNode.Parse(text) : null;
    }

    public async Task DeleteFileAsync(string key)
    {
        var (status, text) = await SendAsync(server, token, HttpMethod.Delete, $"/api/v1/media/{key}", body: null);
        Assert.True(status == 204, $"the deletion of {key}: {status} {text}");
    }

    public async Task<long> StorageUsedAsync() => (long)(await GetAsync("/users/me"))["storage_used"]!;

    public async Task<ClientWebSocket> OpenSocketAsync()
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = "/ws" }.Uri, Limit());
        return socket;
    }

    /// <summary>The next frame; null when the socket was closed.</summary>
    public static async Task<JsonNode?> ReceiveAsync(ClientWebSocket socket, byte[] buffer)
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), Limit());
            if (part.MessageType is WebSocketMessageType.Close)
            {
                return null;
            }
            length += part.Count;
            if (part.EndOfMessage)
            {
                return JsonNode.Parse(buffer.AsSpan(0, length));
            }
        }
    }

    public Task<JsonNode> GetAsync(string path) => ExchangeAsync(server, token, HttpMethod.Get, path, body: null);

    public Task<JsonNode> PostAsync(string path, JsonObject body) => ExchangeAsync(server, token, HttpMethod.Post, path, body);

    private static async Task<JsonNode> ExchangeAsync(Uri server, string? token, HttpMethod method, string path, JsonObject? body)
    {
        var (status, text) = await SendAsync(server, token, method, path, body);
        Assert.True(status is 200 or 201, $"{method} {path}: {status} {text}");
        return JsonNode.Parse(text)!;
    }

    private static async Task<(int Status, string Text)> SendAsync(Uri server, string? token, HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, new Uri(server, path));
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        request.Content = body is null ? null : new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        using var response = await _http.SendAsync(request);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private static CancellationToken Limit() => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;
}

using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using NSec.Cryptography;

namespace Mimu.Appliance.Cli.Demonstration;

/// <summary>A client with one device, as small as one can be.</summary>
internal sealed class Person
{
    private readonly HttpClient _http;
    private readonly Key _signing = Key.Create(SignatureAlgorithm.Ed25519);
    private readonly Key _identity = Key.Create(KeyAgreementAlgorithm.X25519);
    private readonly Key _prekey = Key.Create(KeyAgreementAlgorithm.X25519);
    private string _accessToken = "";

    private Person(HttpClient http) => _http = http;

    public string PublicId { get; private set; } = "";

    public string UserId { get; private set; } = "";

    public string Fingerprint { get; private set; } = "";

    /// <summary>Makes an account under a name that nobody has (protocol 2.1).</summary>
    public static async Task<Person> RegisterAsync(HttpClient http, string name, CancellationToken cancellation)
    {
        var person = new Person(http);
        var prekey = Raw(person._prekey);
        var answer = await person.PostAsync("/auth/register", new JsonObject
        {
            ["public_id"] = $"{name}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4))}",
            ["password"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
            ["identity_key"] = Text(Raw(person._identity)),
            ["signing_public_key"] = Text(Raw(person._signing)),
            ["signed_prekey"] = new JsonObject
            {
                ["key_id"] = 1,
                ["public_key"] = Text(prekey),
                ["signature"] = Text(SignatureAlgorithm.Ed25519.Sign(person._signing, prekey)),
            },
        }, cancellation);
        person.PublicId = (string)answer["public_id"]!;
        person.UserId = (string)answer["user_id"]!;
        person.Fingerprint = (string)answer["fingerprint"]!;
        person._accessToken = (string)answer["access_token"]!;
        return person;
    }

    /// <summary>Somebody's signed prekey, its signature checked (protocol 3.3).</summary>
    public async Task<byte[]> FetchPrekeyAsync(string publicId, CancellationToken cancellation)
    {
        var bundle = await ExchangeAsync(HttpMethod.Get, $"/users/{publicId}/prekeys", body: null, cancellation);
        var prekey = Bytes(bundle["signed_prekey"]!["public_key"]);
        var signingKey = PublicKey.Import(SignatureAlgorithm.Ed25519, Bytes(bundle["signing_public_key"]), KeyBlobFormat.RawPublicKey);
        return SignatureAlgorithm.Ed25519.Verify(signingKey, prekey, Bytes(bundle["signed_prekey"]!["signature"]))
            ? prekey
            : throw new DemoException("the other side's prekey is not signed by its owner.");
    }

    /// <summary>The direct chat with somebody (protocol 4.1).</summary>
    public async Task<string> OpenChatAsync(string userId, CancellationToken cancellation) =>
        (string)(await PostAsync("/api/v1/chats", new JsonObject { ["participant_ids"] = new JsonArray(userId) }, cancellation))["chat_id"]!;

    /// <summary>Sends a message; when this returns, it is on the server's disk (protocol 5.1).</summary>
    public Task SendAsync(string chat, byte[] payload, CancellationToken cancellation) => PostAsync("/api/v1/messages", new JsonObject
    {
        ["chat_id"] = chat,
        ["message_type"] = "text",
        ["encrypted_payload"] = Text(payload),
    }, cancellation);

    /// <summary>A socket over which events come (protocol section 7).</summary>
    public async Task<ClientWebSocket> OpenSocketAsync(Uri url, CancellationToken cancellation)
    {
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {_accessToken}");
        await socket.ConnectAsync(new UriBuilder(url) { Scheme = url.Scheme is "https" ? "wss" : "ws", Path = "/ws" }.Uri, cancellation);
        return socket;
    }

    /// <summary>The payload of the next message.</summary>
    public static async Task<byte[]> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var length = 0;
            ValueWebSocketReceiveResult part;
            do
            {
                part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellation);
                length += part.Count;
            }
            while (!part.EndOfMessage);
            if (part.MessageType is WebSocketMessageType.Close)
            {
                throw new DemoException($"the server closed the socket: {socket.CloseStatusDescription}.");
            }
            var frame = JsonNode.Parse(buffer.AsSpan(0, length))!;
            if ((string?)frame["type"] == "NewMessage")
            {
                return Bytes(frame["data"]!["encrypted_payload"]);
            }
        }
    }

    /// <summary>Opens a letter that was sealed to this person's prekey.</summary>
    public byte[] Open(byte[] letter) => Letter.Open(letter, _prekey);

    private Task<JsonNode> PostAsync(string path, JsonObject body, CancellationToken cancellation) => ExchangeAsync(HttpMethod.Post, path, body, cancellation);

    private async Task<JsonNode> ExchangeAsync(HttpMethod method, string path, JsonObject? body, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json"));
        }
        if (_accessToken.Length > 0)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _accessToken);
        }
        using var response = await _http.SendAsync(request, cancellation);
        var text = await response.Content.ReadAsStringAsync(cancellation);
        return response.IsSuccessStatusCode
            ? JsonNode.Parse(text)!
            : throw new DemoException($"{method} {path} was answered with {(int)response.StatusCode}: {text}");
    }

    private static byte[] Raw(Key key) => key.PublicKey.Export(KeyBlobFormat.RawPublicKey);

    private static string Text(byte[] bytes) => Convert.ToBase64String(bytes);

    private static byte[] Bytes(JsonNode? text) => Convert.FromBase64String((string)text!);
}

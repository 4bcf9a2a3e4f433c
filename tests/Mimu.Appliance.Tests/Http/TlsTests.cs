using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Http;

/// <summary>Protocol section 1: with TLS, HTTP/2 by ALPN, and WebSockets over it (RFC 8441).</summary>
public sealed class TlsTests : IAsyncLifetime, IDisposable
{
    private readonly string _files = Directory.CreateTempSubdirectory("mimu-tls-").FullName;
    private readonly SocketsHttpHandler _handler = new() { EnableMultipleHttp2Connections = false };
    private Host _host = null!;

    public async Task InitializeAsync()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest("CN=mimu", key, HashAlgorithmName.SHA256) { CertificateExtensions = { names.Build() } };
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await File.WriteAllTextAsync(Path.Combine(_files, "cert.pem"), certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(Path.Combine(_files, "key.pem"), key.ExportPkcs8PrivateKeyPem());
        var hash = certificate.GetCertHashString();
        _handler.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.GetCertHashString() == hash;
        _host = await Host.Start(options =>
        {
            options.Server.Tls.CertificateFile = Path.Combine(_files, "cert.pem");
            options.Server.Tls.KeyFile = Path.Combine(_files, "key.pem");
        });
    }

    public void Dispose() => _handler.Dispose();

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_files, recursive: true);
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task Both_versions_of_HTTP_serve_calls_and_sockets(string text)
    {
        var version = Version.Parse(text);
        using var client = new HttpClient(_handler, disposeHandler: false) { BaseAddress = _host.Address };
        Assert.Equal("https", _host.Address.Scheme);
        string? token = null;
        token = (string)(await PostAsync("/auth/register", new Registration($"alice{version.Major}").Body))["access_token"]!;
        var chat = (string)(await PostAsync("/api/v1/chats", new JsonObject { ["participant_ids"] = new JsonArray() }))["chat_id"]!;

        using var socket = new ClientWebSocket();
        socket.Options.HttpVersion = version;
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await Deadline.For("the socket to open", socket.ConnectAsync(new UriBuilder(_host.Address) { Scheme = "wss", Path = "/ws" }.Uri, client, default));
        Assert.Equal("Hello", (string?)(await ReceiveAsync())["type"]);
        var frame = Person.MessageOf(chat, [1, 2, 3]);
        (frame["type"], frame["id"]) = ("SendMessage", "1");
        await socket.SendAsync(Encoding.UTF8.GetBytes(frame.ToJsonString()), WebSocketMessageType.Text, true, default);
        Assert.Equal("AQID", (string?)(await ReceiveAsync())["data"]!["encrypted_payload"]);
        await Deadline.For("the goodbye", socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "goodbye", default));

        // Larger than a call's body may be.
        var content = RandomNumberGenerator.GetBytes(3 << 20);
        var upload = await PostAsync("/api/v1/media/upload", new JsonObject { ["size"] = content.Length });
        using var put = new HttpRequestMessage(HttpMethod.Put, (string)upload["upload_url"]!) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        put.Content = new ByteArrayContent(content) { Headers = { ContentType = new("application/octet-stream") } };
        using var stored = await Deadline.For("the file to be stored", client.SendAsync(put));
        Assert.Equal((HttpStatusCode.OK, version), (stored.StatusCode, stored.Version));
        using var ask = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/media/{(string)upload["file_key"]!}") { Version = version, Headers = { { "Authorization", $"Bearer {token}" } } };
        using var file = await Deadline.For("the file's URL", client.SendAsync(ask));
        using var get = new HttpRequestMessage(HttpMethod.Get, (string)JsonNode.Parse(await file.Content.ReadAsStringAsync())!["download_url"]!) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var got = await Deadline.For("the file", client.SendAsync(get));
        Assert.Equal(content, await got.Content.ReadAsByteArrayAsync());

        async Task<JsonObject> PostAsync(string path, JsonObject body)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Version = version, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
            using var response = await Deadline.For($"an answer to {path}", client.SendAsync(request));
            Assert.Equal(version, response.Version);
            return (await Answer.ReadAsync(path, response)).Expect(201);
        }

        async Task<JsonObject> ReceiveAsync()
        {
            var buffer = new byte[4096];
            var part = await Deadline.For("a frame", socket.ReceiveAsync(buffer.AsMemory(), default).AsTask());
            return JsonNode.Parse(buffer.AsSpan(0, part.Count))!.AsObject();
        }
    }

    [Fact]
    public async Task The_address_of_the_socket_is_secure_too()
    {
        using var client = new HttpClient(_handler, disposeHandler: false) { BaseAddress = _host.Address };
        var description = JsonNode.Parse(await client.GetStringAsync("/.well-known/mimu"))!;
        Assert.StartsWith("wss://127.0.0.1:", (string)description["websocket_url"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALPN_offers_both()
    {
        foreach (var protocol in (SslApplicationProtocol[])[SslApplicationProtocol.Http2, SslApplicationProtocol.Http11])
        {
            using var raw = new RawConnection(_host.Address);
            await using var tls = new SslStream(new System.Net.Sockets.NetworkStream(raw.Socket));
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "127.0.0.1",
                ApplicationProtocols = [protocol],
                RemoteCertificateValidationCallback = _handler.SslOptions.RemoteCertificateValidationCallback,
            });
            Assert.Equal(protocol, tls.NegotiatedApplicationProtocol);
        }
    }
}

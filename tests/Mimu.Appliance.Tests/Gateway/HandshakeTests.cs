using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Gateway;

/// <summary>RFC 6455 section 4: how a request becomes a WebSocket.</summary>
public class HandshakeTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task The_answer_is_that_of_the_RFC_and_takes_no_extension()
    {
        var alice = await host.RegisterAsync("alice");
        using var connection = new RawConnection(host.Address);
        await connection.WriteAsync(Request(alice.AccessToken)
            .Replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\nSec-WebSocket-Protocol: chat\r\n\r\n", StringComparison.Ordinal));
        var head = await connection.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        var lines = head.Split("\r\n");
        Assert.Contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", lines);
        Assert.Contains("Upgrade: websocket", lines);
        Assert.Contains("Connection: Upgrade", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("Sec-WebSocket-Extensions", StringComparison.OrdinalIgnoreCase)
            || line.StartsWith("Sec-WebSocket-Protocol", StringComparison.OrdinalIgnoreCase));
        var hello = await connection.ReadFrameAsync();
        Assert.Equal(ClientFrame.Text, hello!.Opcode);
        Assert.Contains("\"Hello\"", hello.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_s_headers_are_understood_in_any_case_and_among_others()
    {
        var alice = await host.RegisterAsync("alice");
        using var connection = new RawConnection(host.Address);
        await connection.WriteAsync(Request(alice.AccessToken).Replace("Upgrade: websocket", "upgrade: h2c, WebSocket", StringComparison.Ordinal)
            .Replace("Connection: Upgrade", "Connection: keep-alive, Upgrade", StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 101 ", await connection.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Frames_may_come_in_the_same_packet_as_the_request()
    {
        var alice = await host.RegisterAsync("alice");
        using var connection = new RawConnection(host.Address);
        await connection.WriteAsync([.. System.Text.Encoding.ASCII.GetBytes(Request(alice.AccessToken)), .. ClientFrame.Of(ClientFrame.Ping, "early")]);
        Assert.StartsWith("HTTP/1.1 101 ", await connection.ReadHeadAsync(), StringComparison.Ordinal);
        var (one, other) = (await connection.ReadFrameAsync(), await connection.ReadFrameAsync());
        Assert.Contains([one!, other!], frame => frame is { Opcode: ClientFrame.Pong, Text: "early" });
    }

    [Theory]
    [InlineData("Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Version: 8\r\n")]
    [InlineData("Sec-WebSocket-Version: 13\r\n", "")]
    [InlineData("Sec-WebSocket-Version: 13\r\n", "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Version: 8\r\n")]
    [InlineData("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZQ==")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQAA")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25j    ")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "dGhl IHNhbXB sZSBub25jZQ")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "not base64 !! not base64")]
    [InlineData("Sec-WebSocket-Key: ", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Key: ")]
    [InlineData("Upgrade: websocket\r\n", "")]
    [InlineData("Upgrade: websocket\r\n", "Upgrade: h2c\r\n")]
    [InlineData("Connection: Upgrade\r\n", "")]
    public async Task What_is_no_handshake_is_refused(string instead, string of)
    {
        var alice = await host.RegisterAsync("alice");
        using var connection = new RawConnection(host.Address);
        await connection.WriteAsync(Request(alice.AccessToken).Replace(instead, of, StringComparison.Ordinal));
        Assert.StartsWith("HTTP/1.1 400 ", await connection.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "405")]
    [InlineData("PUT", "405")]
    [InlineData("CONNECT", "400")]
    public async Task Only_a_GET_becomes_a_socket(string method, string status)
    {
        var alice = await host.RegisterAsync("alice");
        using var connection = new RawConnection(host.Address);
        await connection.WriteAsync(Request(alice.AccessToken).Replace("GET /ws", $"{method} /ws", StringComparison.Ordinal));
        Assert.StartsWith($"HTTP/1.1 {status} ", await connection.ReadHeadAsync(), StringComparison.Ordinal);
    }

    private static string Request(string token) =>
        "GET /ws HTTP/1.1\r\nHost: mimu\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {token}\r\n\r\n";
}

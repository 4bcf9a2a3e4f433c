using System.Globalization;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Gateway;

/// <summary>Protocol section 7: which web pages may open sockets.</summary>
public class OriginTests
{
    [Fact]
    public async Task A_web_page_is_of_an_allowed_origin_or_of_the_servers_own()
    {
        await using var host = await Host.Start(options =>
        {
            options.Server.CorsOrigins = ["https://web.example.org", "capacitor://localhost"];
            options.Server.PublicUrl = "https://Chat.example.org:443/";
        });
        var alice = await host.RegisterAsync("alice");
        foreach (var origin in (string?[])[null, "https://web.example.org", "HTTPS://Web.Example.ORG", "capacitor://localhost",
            "http://mimu.example:8080", "http://MIMU.example:8080", "https://chat.example.org"])
        {
            Assert.StartsWith("HTTP/1.1 101 ", await ConnectAsync(host, alice, origin), StringComparison.Ordinal);
        }
        foreach (var origin in (string[])["https://evil.example", "http://web.example.org", "https://web.example.org:444", "https://web.example.org.evil.example", "https://web.example.org/",
            "https://mimu.example:8080", "http://mimu.example", "http://chat.example.org", "null", "", "https://web.example.org, https://evil.example"])
        {
            Assert.StartsWith("HTTP/1.1 403 ", await ConnectAsync(host, alice, origin, "blocked"), StringComparison.Ordinal);
        }
        // Two headers are two answers.
        Assert.StartsWith("HTTP/1.1 403 ", await ConnectAsync(host, alice, "https://web.example.org\r\nOrigin: https://evil.example", "blocked"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_settings_the_servers_own_pages_alone_may()
    {
        await using var host = await Host.Start();
        var alice = await host.RegisterAsync("alice");
        Assert.StartsWith("HTTP/1.1 101 ", await ConnectAsync(host, alice, string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{host.Address.Port}")), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403 ", await ConnectAsync(host, alice, "https://web.example.org", "blocked"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_token_is_told_before_the_origin_is_looked_at()
    {
        await using var host = await Host.Start();
        Assert.StartsWith("HTTP/1.1 401 ", await ConnectAsync(host, person: null, "https://evil.example", "unauthorized"), StringComparison.Ordinal);
    }

    /// <returns>The head of the answer to a handshake.</returns>
    private static async Task<string> ConnectAsync(Host host, Person? person, string? origin, string? code = null)
    {
        using var connection = new RawConnection(host.Address);
        await connection.WriteAsync("GET /ws HTTP/1.1\r\nHost: mimu.example:8080\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {person?.AccessToken ?? "none"}\r\n"
            + (origin is null ? "" : $"Origin: {origin}\r\n") + (code is null ? "Connection: Upgrade\r\n\r\n" : "Connection: Upgrade, close\r\n\r\n"));
        var head = await connection.ReadHeadAsync();
        if (code is not null)
        {
            Assert.Contains($"urn:mimu:error:{code}", await connection.ReadToEndAsync(), StringComparison.Ordinal);
        }
        return head;
    }
}

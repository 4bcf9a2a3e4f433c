using System.Globalization;
using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Gateway;

/// <summary>Protocol section 7: opening a socket.</summary>
public class HelloTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task Hello_comes_first_and_says_who_is_there()
    {
        var alice = await host.RegisterAsync("alice");
        await using var socket = await alice.OpenAsync();
        var hello = await socket.ExpectHelloAsync();
        var expected = new JsonObject
        {
            ["user_id"] = alice.UserId,
            ["device_id"] = 1,
            ["session_id"] = alice.SessionId,
            ["cursor"] = await alice.CursorAsync(),
            ["heartbeat_seconds"] = 30,
        };
        Assert.Equal(expected.ToJsonString(), hello.ToJsonString());
        await socket.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task The_token_may_stand_in_the_query()
    {
        var alice = await host.RegisterAsync("alice");
        await using var socket = await EventSocket.OpenAsync(host.Address, alice.AccessToken, tokenInQuery: true);
        Assert.Equal(alice.UserId, (string?)(await socket.ExpectHelloAsync())["user_id"]);
    }

    [Fact]
    public async Task A_bad_token_is_refused_before_the_upgrade()
    {
        var alice = await host.RegisterAsync("alice");
        var forged = Forgery.Of(host, alice.AccessToken);
        forged.Key = new byte[32];
        foreach (var token in (string?[])[null, "garbage", forged.Sign()])
        {
            await ExpectRefusedAsync(token, "", 401, "unauthorized");
        }
        foreach (var query in (string[])["?token=", "?token=garbage", $"?token={forged.Sign()}", $"?Authorization=Bearer%20{alice.AccessToken}"])
        {
            await ExpectRefusedAsync(null, query, 401, "unauthorized");
        }
        // The one in the query counts.
        await ExpectRefusedAsync(alice.AccessToken, "?token=garbage", 401, "unauthorized");
        await ExpectRefusedAsync(alice.AccessToken, "?since=a&since=b", 422, "validation_failed");
        await ExpectRefusedAsync(null, $"?token={alice.AccessToken}&token={alice.AccessToken}", 422, "validation_failed");
    }

    [Fact]
    public async Task An_expired_token_and_an_ended_session_are_refused_before_the_upgrade()
    {
        var alice = await host.RegisterAsync("alice");
        host.Clock.Advance(TimeSpan.FromMinutes(15));
        await ExpectRefusedAsync(alice.AccessToken, "", 401, "token_expired");
        var first = alice.RefreshToken;
        await alice.RefreshAsync();
        (await alice.TryRefreshAsync(first)).ExpectProblem(401, "refresh_token_reused");
        await ExpectRefusedAsync(alice.AccessToken, "", 401, "session_ended");
    }

    [Fact]
    public async Task A_good_token_without_a_handshake_is_malformed()
    {
        var alice = await host.RegisterAsync("alice");
        (await alice.Http.GetAsync("/ws")).ExpectProblem(400, "malformed_request");
        (await host.Anonymous.GetAsync($"/ws?token={alice.AccessToken}")).ExpectProblem(400, "malformed_request");
    }

    [Fact]
    public async Task There_is_no_compression()
    {
        var alice = await host.RegisterAsync("alice");
        using var connection = new RawConnection(host.Address);
        await connection.WriteAsync($"{Handshake(alice.AccessToken)}Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n");
        var head = await connection.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Sec-WebSocket-Extensions", head, StringComparison.OrdinalIgnoreCase);
    }

    private async Task ExpectRefusedAsync(string? token, string query, int status, string code)
    {
        // As a handshake, and as a plain GET.
        using var connection = new RawConnection(host.Address);
        await connection.WriteAsync($"{Handshake(token, query)}Connection: close\r\n\r\n".Replace("Connection: Upgrade\r\nConnection: close\r\n", "Connection: Upgrade, close\r\n", StringComparison.Ordinal));
        var head = await connection.ReadHeadAsync();
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} "), head, StringComparison.Ordinal);
        Assert.Contains(code, await connection.ReadToEndAsync(), StringComparison.Ordinal);
        (await host.Anonymous.With(token).GetAsync($"/ws{query}")).ExpectProblem(status, code);
    }

    private static string Handshake(string? token, string query = "") =>
        $"GET /ws{query} HTTP/1.1\r\nHost: mimu\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + (token is null ? "" : $"Authorization: Bearer {token}\r\n") + "Connection: Upgrade\r\n";
}

using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Gateway;

/// <summary>Protocol section 7: why sockets are closed.</summary>
public class CloseTests(ClockHost host) : IClassFixture<ClockHost>
{
    private const string Bad = """{ "type": "Nonsense" }""";

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task A_binary_frame_closes_the_socket(int length)
    {
        var alice = await host.RegisterAsync("alice");
        await using var socket = await alice.ConnectAsync();
        await socket.SendAsync(new byte[length], WebSocketMessageType.Binary);
        await socket.ExpectCloseAsync(1003);
    }

    [Fact]
    public async Task Ten_bad_frames_in_a_row_close_the_socket()
    {
        var alice = await host.RegisterAsync("alice");
        await using var socket = await alice.ConnectAsync();
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 9; i++)
            {
                await socket.SendAsync(i % 2 == 0 ? Bad : "");
                await socket.ExpectErrorAsync("malformed_request");
            }
            await socket.ExpectNothingElseAsync(); // a good one
        }
        for (var i = 0; i < 10; i++)
        {
            await socket.SendAsync(Bad);
        }
        // The close frame takes the place of what is queued.
        Assert.InRange((await socket.ExpectCloseAfterFramesAsync(1008)).Count, 0, 10);
    }

    [Fact]
    public async Task A_frame_that_is_read_but_refused_is_not_a_bad_one()
    {
        var alice = await host.RegisterAsync("alice");
        await using var socket = await alice.ConnectAsync();
        for (var i = 0; i < 20; i++)
        {
            await socket.SendAsync("""{ "type": "SendMessage" }""");
            await socket.ExpectErrorAsync("validation_failed");
        }
        await socket.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task A_frame_of_512_KiB_is_read_and_a_larger_one_closes_the_socket()
    {
        var alice = await host.RegisterAsync("alice");
        await using var socket = await alice.ConnectAsync();
        var padding = new string(' ', (512 << 10) - """{"type":"Ping"}""".Length);
        await socket.SendAsync($$"""{"type":"Ping"{{padding}}}""");
        await socket.ExpectAsync("Pong");
        await socket.SendAsync($$"""{"type":"Ping"{{padding}} }""");
        await socket.ExpectCloseAsync(1009);
    }

    [Fact]
    public async Task A_frame_without_end_closes_the_socket()
    {
        var alice = await host.RegisterAsync("alice");
        await using var socket = await alice.ConnectAsync();
        var piece = Encoding.UTF8.GetBytes(new string('x', 64 << 10));
        for (var i = 0; i < 9; i++)
        {
            await socket.SendAsync(piece, isEnd: false);
        }
        await socket.ExpectCloseAsync(1009);
    }

    [Fact]
    public async Task An_expired_token_closes_the_socket()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        await using var socket = await alice.ConnectAsync();
        host.Clock.Advance(TimeSpan.FromSeconds(890));
        await using var young = await bob.OpenAsync();
        await young.ExpectHelloAsync();
        await socket.ExpectNothingElseAsync();
        host.Clock.Advance(TimeSpan.FromSeconds(11));
        await socket.ExpectCloseAsync(4401);
        await young.ExpectCloseAsync(4401);
    }

    [Fact]
    public async Task Authenticate_puts_a_fresh_token_in_the_place_of_the_old()
    {
        var alice = await host.RegisterAsync("alice");
        await using var socket = await alice.ConnectAsync();
        host.Clock.Advance(TimeSpan.FromMinutes(10));
        await alice.RefreshAsync();
        await socket.SendAsync(Authenticate(alice.AccessToken, "fresh"));
        Assert.Equal("{}", (await socket.ExpectAckAsync("fresh")).ToJsonString());
        host.Clock.Advance(TimeSpan.FromMinutes(10));
        await socket.ExpectNothingElseAsync();
        host.Clock.Advance(TimeSpan.FromMinutes(6));
        await socket.ExpectCloseAsync(4401);
    }

    [Fact]
    public async Task Authenticate_takes_tokens_of_the_same_session_only()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var laptop = await alice.SignInAgainAsync();
        await using var socket = await alice.ConnectAsync();
        var old = alice.AccessToken;
        foreach (var token in (string[])[laptop.AccessToken, bob.AccessToken, "garbage", "", new string('x', 100_000)])
        {
            await socket.SendAsync(Authenticate(token, "a"));
            await socket.ExpectErrorAsync(token.Length == 0 ? "validation_failed" : "unauthorized", "a");
        }
        await socket.SendAsync("""{ "type": "Authenticate", "id": "b" }""");
        await socket.ExpectErrorAsync("validation_failed", "b");
        await socket.SendAsync("""{ "type": "Authenticate", "token": 5 }""");
        await socket.ExpectErrorAsync("validation_failed");
        host.Clock.Advance(TimeSpan.FromMinutes(16));
        await socket.ExpectCloseAsync(4401);
        await alice.RefreshAsync();
        await using var next = await alice.ConnectAsync();
        await next.SendAsync(Authenticate(old, "old"));
        await next.ExpectErrorAsync("token_expired", "old");
    }

    [Fact]
    public async Task The_ninth_socket_of_a_session_closes_its_oldest()
    {
        var alice = await host.RegisterAsync("alice");
        var laptop = await alice.SignInAgainAsync();
        await using var elsewhere = await laptop.ConnectAsync();
        var sockets = new List<EventSocket>();
        for (var i = 0; i < 10; i++)
        {
            sockets.Add(await alice.ConnectAsync());
        }
        await sockets[0].ExpectCloseAsync(4409);
        await sockets[1].ExpectCloseAsync(4409);
        foreach (var socket in (EventSocket[])[.. sockets[2..], elsewhere])
        {
            await socket.ExpectNothingElseAsync();
        }
        // One that has gone by itself makes room.
        await sockets[5].CloseAsync();
        await sockets[5].ExpectCloseAsync(1000);
        sockets.Add(await alice.ConnectAsync());
        foreach (var socket in (EventSocket[])[.. sockets[2..5], .. sockets[6..]])
        {
            await socket.ExpectNothingElseAsync();
            await socket.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_client_s_goodbye_is_answered()
    {
        var alice = await host.RegisterAsync("alice");
        await using var socket = await alice.ConnectAsync();
        await socket.CloseAsync();
        await socket.ExpectCloseAsync(1000);
    }

    [Fact]
    public async Task A_server_that_stops_says_so_and_takes_no_more()
    {
        await using var stopping = await Host.Start();
        var (alice, bob) = (await stopping.RegisterAsync("alice"), await stopping.RegisterAsync("bob"));
        await using var one = await alice.ConnectAsync();
        await using var two = await bob.ConnectAsync();
        var stop = stopping.StopAsync();
        await one.ExpectCloseAsync(1012);
        await two.ExpectCloseAsync(1012);
        await stop;
    }

    private static string Authenticate(string token, string id) =>
        new JsonObject { ["type"] = "Authenticate", ["token"] = token, ["id"] = id }.ToJsonString();
}

using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Mimu.Appliance.Gateway;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core;
using Mimu.Core.Events;
using Mimu.Core.Messages;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Tests.Gateway;

/// <summary>RFC 6455 sections 5 and 7 and protocol section 7, byte by byte.</summary>
public class RawSocketTests(Host host) : IClassFixture<Host>
{
    private const string Ping = """{"type":"Ping","id":"p"}""";

    [Fact]
    public async Task A_ping_is_answered_with_its_content_and_a_pong_by_nothing()
    {
        using var connection = await OpenAsync();
        foreach (var content in (string[])["", "x", new string('y', 125)])
        {
            await connection.WriteAsync([.. ClientFrame.Of(ClientFrame.Pong, "unasked"), .. ClientFrame.Of(ClientFrame.Ping, content)]);
            Assert.Equal((ClientFrame.Pong, content), await NextAsync(connection));
        }
        await connection.WriteAsync([.. ClientFrame.Of(ClientFrame.Text, Ping[..5], isLast: false), .. ClientFrame.Of(ClientFrame.Ping, "within"),
            .. ClientFrame.Of(ClientFrame.Continuation, Ping[5..])]);
        Assert.Equal((ClientFrame.Pong, "within"), await NextAsync(connection));
        Assert.Equal((ClientFrame.Text, """{"type":"Pong","id":"p"}"""), await NextAsync(connection));
    }

    [Fact]
    public async Task A_frame_may_come_byte_by_byte()
    {
        using var connection = await OpenAsync();
        foreach (var one in ClientFrame.Of(ClientFrame.Text, Ping))
        {
            await connection.WriteAsync([one]);
        }
        Assert.Equal((ClientFrame.Text, """{"type":"Pong","id":"p"}"""), await NextAsync(connection));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_client_s_goodbye_is_answered_and_the_connection_ends(bool isWithinMessage)
    {
        using var connection = await OpenAsync();
        await connection.WriteAsync([.. isWithinMessage ? ClientFrame.Of(ClientFrame.Text, "{", isLast: false) : [], .. ClientFrame.Of(ClientFrame.Close, [3, 232])]);
        await ExpectCloseAsync(connection, 1000);
        Assert.Null(await connection.ReadFrameAsync());
    }

    [Fact]
    public async Task The_server_s_goodbye_waits_for_the_client_s_past_all_that_is_still_on_its_way()
    {
        using var connection = await OpenAsync();
        await connection.WriteAsync(ClientFrame.Of(ClientFrame.Binary, "x"));
        await ExpectCloseAsync(connection, 1003);
        await connection.WriteAsync([.. ClientFrame.Of(ClientFrame.Ping, "late"), .. ClientFrame.Of(ClientFrame.Text, Ping), .. ClientFrame.Of(ClientFrame.Text, new string('x', 700_000))]);
        await connection.WriteAsync(ClientFrame.Of(ClientFrame.Close, [3, 235]));
        Assert.Null(await connection.ReadFrameAsync());
    }

    public static TheoryData<byte[]> Violations =>
    [
        ClientFrame.Of(ClientFrame.Text | 0x40, Ping), ClientFrame.Of(3, ""), ClientFrame.Of(ClientFrame.Continuation, ""), ClientFrame.Of(ClientFrame.Ping, "", isLast: false),
        ClientFrame.Header(ClientFrame.Ping, 126), ClientFrame.Header(ClientFrame.Text, ulong.MaxValue), [0x81, 1, (byte)'x'], "GET / HTTP/1.1\r\n\r\n"u8.ToArray(),
        new byte[100_000],
    ];

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task Who_does_not_speak_the_protocol_is_told(byte[] bytes)
    {
        using var connection = await OpenAsync();
        await connection.WriteAsync(bytes);
        await ExpectCloseAsync(connection, 1002);
        connection.Socket.Shutdown(SocketShutdown.Send);
        Assert.Null(await connection.ReadFrameAsync());
    }

    [Theory]
    [InlineData((512 << 10) + 1, false)]
    [InlineData(long.MaxValue, false)]
    [InlineData(512 << 10, true)]
    [InlineData(long.MaxValue, true)]
    public async Task A_frame_that_is_announced_to_be_huge_is_refused_before_it_comes(long length, bool isContinuation)
    {
        using var connection = await OpenAsync();
        await connection.WriteAsync([.. isContinuation ? ClientFrame.Of(ClientFrame.Text, "{", isLast: false) : [],
            .. ClientFrame.Header(isContinuation ? ClientFrame.Continuation : ClientFrame.Text, (ulong)length)]);
        await ExpectCloseAsync(connection, 1009);
    }

    [Fact]
    public async Task A_connection_that_is_reset_within_a_frame_leaves_nothing_behind()
    {
        await using var own = await Host.Start();
        var table = own.Services.GetRequiredService<ConnectionTable>();
        var alice = await own.RegisterAsync("alice");
        using (var connection = await OpenAsync(own, alice))
        {
            await connection.WriteAsync([.. ClientFrame.Header(ClientFrame.Text, 1000), 1, 2, 3]);
            Assert.Equal(1, table.Count);
            connection.Socket.LingerState = new LingerOption(true, 0);
        }
        await Deadline.Until("the socket to be forgotten", () => table.Count == 0);
        using var next = await OpenAsync(own, alice);
    }

    [Fact]
    public async Task After_the_heartbeat_the_server_pings_and_whoever_stays_silent_is_sent_away_and_nobody_else()
    {
        await using var own = await Host.Start();
        var (table, settings) = (own.Services.GetRequiredService<ConnectionTable>(), own.Services.GetRequiredService<GatewayContext>().Settings);
        using var silent = await OpenAsync(own, await own.RegisterAsync("silent"));
        using var half = await OpenAsync(own, await own.RegisterAsync("half"));
        await half.WriteAsync(ClientFrame.Header(ClientFrame.Text, 1000));
        using var living = await OpenAsync(own, await own.RegisterAsync("living"));
        var heard = Environment.TickCount64;
        table.Beat(heard + (long)settings.Heartbeat.TotalMilliseconds + 100);
        foreach (var connection in (RawConnection[])[silent, half, living])
        {
            Assert.Equal((ClientFrame.Ping, ""), await NextAsync(connection));
        }
        await Deadline.Until("the clock to go on", () => Environment.TickCount64 > heard + 1000);
        // The second ping tells that its pong has been read.
        await living.WriteAsync([.. ClientFrame.Of(ClientFrame.Pong, ""), .. ClientFrame.Of(ClientFrame.Ping, "read")]);
        Assert.Equal((ClientFrame.Pong, "read"), await NextAsync(living));
        table.Beat(heard + (long)settings.IdleTimeout.TotalMilliseconds + 900);
        foreach (var connection in (RawConnection[])[silent, half])
        {
            var (kind, content) = await NextAsync(connection);
            Assert.Equal((ClientFrame.Close, "nothing was heard of you"), (kind, content[2..]));
        }
        await silent.WriteAsync(ClientFrame.Of(ClientFrame.Close, [3, 233]));
        half.Dispose();
        Assert.Equal((ClientFrame.Ping, ""), await NextAsync(living));
        await Deadline.Until("the silent to be forgotten", () => table.Count == 1);
    }

    [Fact]
    public async Task A_bug_in_telling_an_event_costs_the_socket_alone_and_not_the_thread_that_tells_it()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        await using var socket = await alice.ConnectAsync();
        await using var other = await bob.ConnectAsync();
        // A message without a place, which there can't be.
        var message = new Message(new(Guid.NewGuid()), 0, new ChatId(Guid.Parse(chat)), new UserId(Guid.Parse(bob.UserId)), 1, "text", [1], null, null, default, null, null, null);
        host.Services.GetRequiredService<IPubSub>().Publish([new Publication(Cursor: null, new NewMessage(message), [new UserId(Guid.Parse(alice.UserId))], Origin: null)]);
        await socket.ExpectCloseAsync(1011);
        await alice.SendAsync(chat, "still here");
        await other.ExpectAsync("NewMessage");
    }

    [Fact]
    public async Task A_server_that_stops_does_not_wait_for_a_client_that_never_reads()
    {
        await using var own = await Host.Start();
        var (alice, bob) = (await own.RegisterAsync("alice"), await own.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        using var deaf = await RawConnection.OpenSocketAsync(own.Address, bob.AccessToken);
        for (var i = 0; i < 24; i++)
        {
            await alice.SendAsync(chat, new byte[256 * 1024]);
        }
        await own.StopAsync();
        Assert.Equal(0, own.Services.GetRequiredService<ConnectionTable>().Count);
    }

    private async Task<RawConnection> OpenAsync() => await OpenAsync(host, await host.RegisterAsync("alice"));

    private static async Task<RawConnection> OpenAsync(Host host, Person person)
    {
        var connection = await RawConnection.OpenSocketAsync(host.Address, person.AccessToken);
        Assert.Contains("\"Hello\"", (await connection.ReadFrameAsync())!.Text, StringComparison.Ordinal);
        return connection;
    }

    private static async Task<(int Opcode, string Text)> NextAsync(RawConnection connection)
    {
        var frame = await connection.ReadFrameAsync();
        Assert.NotNull(frame);
        return (frame.Opcode, frame.Text);
    }

    private static async Task ExpectCloseAsync(RawConnection connection, int code)
    {
        var frame = await connection.ReadFrameAsync();
        Assert.NotNull(frame);
        Assert.Equal(code, frame.CloseCode);
    }
}

using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Mimu.Appliance.Auth;
using Mimu.Appliance.Gateway;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Calls;

namespace Mimu.Appliance.Tests.Gateway;

/// <summary>A socket over pipes of its own: how it ends.</summary>
public class ConnectionTests(Host host) : IClassFixture<Host>
{
    private readonly Pipe _fromClient = new();
    private readonly Pipe _toClient = new();
    private int _cuts;

    [Fact]
    public async Task What_is_over_is_not_cut_any_more_since_it_may_be_another_s_by_then()
    {
        var connection = await MakeAsync();
        var running = connection.RunAsync(since: null);
        await _fromClient.Writer.WriteAsync(ClientFrame.Of(ClientFrame.Close, [3, 232]));
        await Deadline.For("the end", running);
        connection.Beat(Environment.TickCount64 + (1L << 40));
        Assert.Equal(0, _cuts);
    }

    [Fact]
    public async Task Who_is_silent_is_told_1001_and_the_end_of_the_pipe_ends_it()
    {
        var connection = await MakeAsync();
        var running = connection.RunAsync(since: null);
        connection.Beat(Environment.TickCount64 + (1L << 40));
        byte[] goodbye = [0x88, 2 + 24, 0x03, 0xE9, .. "nothing was heard of you"u8];
        ReadResult sent;
        while ((sent = await _toClient.Reader.ReadAsync()).Buffer.ToArray() is var all && !all.AsSpan().EndsWith(goodbye))
        {
            _toClient.Reader.AdvanceTo(sent.Buffer.Start, sent.Buffer.End);
        }
        await _fromClient.Writer.CompleteAsync(new IOException("cut"));
        await Deadline.For("the end", running);
    }

    [Fact]
    public async Task A_socket_whose_reader_is_gone_before_it_caught_up_ends()
    {
        var connection = await MakeAsync();
        await _toClient.Reader.CompleteAsync();
        var running = connection.RunAsync(since: "0");
        await _fromClient.Writer.CompleteAsync(new IOException("gone"));
        await Deadline.For("the end", running);
    }

    [Fact]
    public async Task More_frames_than_may_be_under_way_at_once_are_all_answered()
    {
        var connection = await MakeAsync();
        var running = connection.RunAsync(since: null);
        const int count = 5000;
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < count; i++)
            {
                await _fromClient.Writer.WriteAsync(ClientFrame.Of(ClientFrame.Text,
                    $$"""{"type":"Typing","id":"{{i}}","chat_id":"{{Guid.NewGuid()}}","active":true}"""));
            }
            await _fromClient.Writer.WriteAsync(ClientFrame.Of(ClientFrame.Text, """{"type":"Ping","id":"last"}"""));
        });
        // Each refusal is one frame, and each frame names its type once, which may be cut in two.
        var (seen, rest) = (0, "");
        while (seen < count)
        {
            var read = await Deadline.For("answers", _toClient.Reader.ReadAsync().AsTask());
            var pieces = (rest + Encoding.Latin1.GetString(read.Buffer.ToArray())).Split("\"type\":\"Error\"");
            (seen, rest) = (seen + pieces.Length - 1, pieces[^1]);
            _toClient.Reader.AdvanceTo(read.Buffer.End);
        }
        await Deadline.For("all to be written", writing);
        await _fromClient.Writer.WriteAsync(ClientFrame.Of(ClientFrame.Close, [3, 232]));
        await Deadline.For("the end", running);
    }

    private async Task<Connection> MakeAsync()
    {
        var alice = await host.RegisterAsync("alice");
        var token = (await host.Services.GetRequiredService<SessionCheck>().CheckAsync(alice.AccessToken, default)).Value;
        return new Connection(new Duplex(_fromClient.Reader, _toClient.Writer), token, host.Services.GetRequiredService<GatewayContext>(),
            host.Services.GetRequiredService<ClientFrames>(), host.Services.GetRequiredService<CallTable>(), () => _cuts++);
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

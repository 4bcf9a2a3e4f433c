using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.WebSockets;
using Mimu.Appliance.Gateway;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Gateway;

/// <summary>What a socket is owed: in order, bounded, and nothing after the goodbye.</summary>
public class OutboxTests
{
    private static readonly Farewell _farewell = new(WebSocketCloseStatus.NormalClosure, "goodbye");

    private static readonly byte[] _close = Frames.Close(_farewell);

    [Fact]
    public async Task Nothing_follows_the_goodbye_not_even_from_who_was_writing_before()
    {
        var pipe = new Pipe();
        var outbox = new Outbox(pipe.Writer, 1 << 20, () => { });
        await outbox.WriteAsync((byte[])[1]);
        Assert.True(outbox.TryAdd((byte[])[2]));
        Assert.True(outbox.TryClose(_farewell));
        Assert.False(outbox.TryClose(_farewell));
        await outbox.FlushAsync();
        await outbox.WriteAsync((byte[])[3]);
        Assert.True(outbox.TryAdd((byte[])[4]));
        await outbox.FlushAsync();
        await outbox.ReleaseAsync();
        await Deadline.For("the end", outbox.WhenEndedAsync());
        await pipe.Writer.CompleteAsync();
        Assert.Equal([1, .. _close], await ReadAllAsync(pipe));
    }

    [Fact]
    public async Task What_many_add_comes_in_the_order_of_each_and_the_goodbye_is_the_last()
    {
        const int adders = 4, each = 5000;
        for (var round = 0; round < 5; round++)
        {
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1000, resumeWriterThreshold: 500));
            var outbox = new Outbox(pipe.Writer, 1 << 24, () => { });
            var reading = Task.Run(() => ReadAllAsync(pipe));
            await outbox.ReleaseAsync();
            await Deadline.For("the adders", Task.WhenAll(Enumerable.Range(0, adders).Select(adder => Task.Run(() =>
            {
                for (var i = 0; i < each; i++)
                {
                    var frame = new byte[8];
                    BinaryPrimitives.WriteInt32LittleEndian(frame, adder);
                    BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), i);
                    Assert.True(outbox.TryAdd(frame));
                }
            }))));
            // Half of the rounds close when all is sent, the others while much is still queued.
            if (round % 2 == 0)
            {
                await Deadline.Until("all to be sent", () => outbox.Owed == 0);
            }
            outbox.TryClose(_farewell);
            await Deadline.For("the end", outbox.WhenEndedAsync());
            await pipe.Writer.CompleteAsync();
            var bytes = await Deadline.For("all bytes", reading);
            Assert.Equal(_close, bytes[^_close.Length..]);
            var next = new int[adders];
            foreach (var frame in bytes[..^_close.Length].Chunk(8))
            {
                Assert.Equal(next[BinaryPrimitives.ReadInt32LittleEndian(frame)]++, BinaryPrimitives.ReadInt32LittleEndian(frame.AsSpan(4)));
            }
            if (round % 2 == 0)
            {
                Assert.All(next, count => Assert.Equal(each, count));
            }
        }
    }

    [Fact]
    public async Task The_goodbye_comes_however_adding_and_closing_meet()
    {
        for (var round = 0; round < 2000; round++)
        {
            var pipe = new Pipe();
            var outbox = new Outbox(pipe.Writer, 1 << 20, () => { });
            await outbox.ReleaseAsync();
            using var start = new Barrier(2);
            var adding = Task.Run(() =>
            {
                start.SignalAndWait(Deadline.Usual);
                outbox.TryAdd((byte[])[7]);
                outbox.TryAdd((byte[])[7]);
            });
            start.SignalAndWait(Deadline.Usual);
            outbox.TryClose(_farewell);
            await Deadline.For("the end", Task.WhenAll(adding, outbox.WhenEndedAsync()));
            await pipe.Writer.CompleteAsync();
            var bytes = await ReadAllAsync(pipe);
            Assert.Equal(_close, bytes[^_close.Length..]);
            Assert.All(bytes[..^_close.Length], one => Assert.Equal(7, one));
        }
    }

    [Fact]
    public async Task A_client_that_does_not_read_owes_no_more_than_may_be_and_small_frames_count_for_what_they_take()
    {
        foreach (var size in (int[])[2, 1000])
        {
            var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 1, resumeWriterThreshold: 0));
            var outbox = new Outbox(pipe.Writer, 100_000, () => { });
            await outbox.ReleaseAsync();
            var added = 0;
            while (outbox.TryAdd(new byte[size]))
            {
                added++;
            }
            Assert.InRange(added, 50_000 / (size + 32), 100_000 / (size + 24));
            outbox.TryClose(_farewell);
            Assert.False(outbox.WhenEndedAsync().IsCompleted);
            // The reader is gone: nothing can be sent.
            await pipe.Reader.CompleteAsync();
            await Deadline.For("the end", outbox.WhenEndedAsync());
        }
    }

    [Fact]
    public async Task The_connection_is_cut_before_anybody_is_told_that_all_is_over()
    {
        var pipe = new Pipe();
        Task? ended = null;
        var wasOver = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var outbox = new Outbox(pipe.Writer, 1 << 20, () => wasOver.TrySetResult(ended!.IsCompleted));
        ended = outbox.WhenEndedAsync();
        await outbox.ReleaseAsync();
        await pipe.Reader.CompleteAsync();
        outbox.TryAdd((byte[])[1]);
        await Deadline.For("the end", ended);
        Assert.False(await wasOver.Task);
    }

    [Fact]
    public async Task A_lost_connection_ends_it_whoever_holds_the_sending()
    {
        foreach (var isReleased in (bool[])[true, false])
        {
            var cuts = 0;
            var outbox = new Outbox(new Pipe().Writer, 1 << 20, () => cuts++);
            if (isReleased)
            {
                await outbox.ReleaseAsync();
            }
            outbox.Abandon();
            Assert.Equal(1, cuts);
            Assert.False(outbox.TryClose(_farewell));
            if (!isReleased)
            {
                Assert.False(outbox.WhenEndedAsync().IsCompleted);
                await outbox.ReleaseAsync();
            }
            await Deadline.For("the end", outbox.WhenEndedAsync());
        }
    }

    private static async Task<byte[]> ReadAllAsync(Pipe pipe)
    {
        await using var all = new MemoryStream();
        ReadResult read;
        do
        {
            read = await pipe.Reader.ReadAsync();
            foreach (var piece in read.Buffer)
            {
                await all.WriteAsync(piece);
            }
            pipe.Reader.AdvanceTo(read.Buffer.End);
        }
        while (!read.IsCompleted);
        return all.ToArray();
    }
}

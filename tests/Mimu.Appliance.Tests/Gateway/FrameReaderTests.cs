using System.Buffers;
using System.Numerics;
using Mimu.Appliance.Gateway;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Gateway;

/// <summary>RFC 6455 section 5: a client's messages from its bytes, in whatever pieces they come.</summary>
public class FrameReaderTests
{
    private const int Max = 1 << 20;

    public static TheoryData<int> Lengths => [0, 1, 2, 125, 126, 127, 65_535, 65_536, 100_003];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void A_message_is_what_was_masked(int length)
    {
        var content = Content(length);
        Assert.Equal([(Opcode.Text, content)], Read([ClientFrame.Of(ClientFrame.Text, content)]), Same);
        Assert.Equal([(Opcode.Binary, content)], Read([ClientFrame.Of(ClientFrame.Binary, content)]), Same);
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void A_message_may_come_byte_by_byte_or_in_any_pieces(int length)
    {
        var content = Content(length);
        byte[] bytes = [.. ClientFrame.Of(ClientFrame.Text, content), .. ClientFrame.Of(ClientFrame.Ping, Content(125)), .. ClientFrame.Of(ClientFrame.Text, "end")];
        (Opcode, byte[])[] expected = [(Opcode.Text, content), (Opcode.Ping, Content(125)), (Opcode.Text, "end"u8.ToArray())];
        Assert.Equal(expected, Read(bytes.Chunk(1)), Same);
        for (var seed = 1u; seed <= 20; seed++)
        {
            Assert.Equal(expected, Read(Pieces(bytes, seed)), Same);
        }
    }

    [Fact]
    public void A_message_may_be_split_at_every_place()
    {
        var content = Content((4 * Vector<byte>.Count) + 3);
        var bytes = ClientFrame.Of(ClientFrame.Text, content);
        for (var first = 0; first <= bytes.Length; first++)
        {
            for (var second = first; second <= bytes.Length; second++)
            {
                Assert.Equal([(Opcode.Text, content)], Read([bytes[..first], bytes[first..second], bytes[second..]]), Same);
            }
        }
    }

    [Fact]
    public void Lengths_around_the_width_of_a_vector_are_unmasked()
    {
        for (var length = 0; length <= (3 * Vector<byte>.Count) + 1; length++)
        {
            var content = Content(length);
            Assert.Equal([(Opcode.Text, content)], Read([ClientFrame.Of(ClientFrame.Text, content)]), Same);
        }
    }

    [Fact]
    public void Control_frames_come_between_the_pieces_of_a_message()
    {
        byte[] bytes =
        [
            .. ClientFrame.Of(ClientFrame.Text, "one ", isLast: false),
            .. ClientFrame.Of(ClientFrame.Ping, "ping"),
            .. ClientFrame.Of(ClientFrame.Continuation, "", isLast: false),
            .. ClientFrame.Of(ClientFrame.Pong, ""),
            .. ClientFrame.Of(ClientFrame.Continuation, Content(3000), isLast: false),
            .. ClientFrame.Of(ClientFrame.Ping, Content(125)),
            .. ClientFrame.Of(ClientFrame.Continuation, " two"),
            .. ClientFrame.Of(ClientFrame.Binary, "three"),
        ];
        (Opcode, byte[])[] expected =
        [
            (Opcode.Ping, "ping"u8.ToArray()), (Opcode.Pong, []), (Opcode.Ping, Content(125)), (Opcode.Text, [.. "one "u8, .. Content(3000), .. " two"u8]),
            (Opcode.Binary, "three"u8.ToArray()),
        ];
        Assert.Equal(expected, Read([bytes]), Same);
        Assert.Equal(expected, Read(bytes.Chunk(1)), Same);
        for (var seed = 1u; seed <= 50; seed++)
        {
            Assert.Equal(expected, Read(Pieces(bytes, seed)), Same);
        }
    }

    [Fact]
    public void A_goodbye_may_come_within_a_message() => Assert.Equal(
        [(Opcode.Close, [3, 232])],
        Read([[.. ClientFrame.Of(ClientFrame.Text, "half", isLast: false), .. ClientFrame.Of(ClientFrame.Close, [3, 232])]]), Same);

    public static TheoryData<string, byte[]> Violations
    {
        get
        {
            var data = new TheoryData<string, byte[]>
            {
                { "a ping of 126 bytes", ClientFrame.Header(ClientFrame.Ping, 126) },
                { "a close of 64 KiB", ClientFrame.Header(ClientFrame.Close, 1 << 16) },
                { "a ping in pieces", ClientFrame.Of(ClientFrame.Ping, "", isLast: false) },
                { "a continuation of nothing", ClientFrame.Of(ClientFrame.Continuation, "x") },
                { "a continuation after a whole message", [.. ClientFrame.Of(ClientFrame.Text, "x"), .. ClientFrame.Of(ClientFrame.Continuation, "x")] },
                { "text within a message", [.. ClientFrame.Of(ClientFrame.Text, "x", isLast: false), .. ClientFrame.Of(ClientFrame.Text, "x")] },
                { "text within an empty message", [.. ClientFrame.Of(ClientFrame.Text, "", isLast: false), .. ClientFrame.Of(ClientFrame.Binary, "")] },
                { "no mask", [0x81, 1, (byte)'x'] },
                { "64 bits with the first set", ClientFrame.Header(ClientFrame.Text, 1UL << 63) },
                { "64 bits all set", ClientFrame.Header(ClientFrame.Text, ulong.MaxValue) },
            };
            foreach (var bit in (int[])[0x10, 0x20, 0x40])
            {
                data.Add($"reserved bit {bit}", ClientFrame.Of(ClientFrame.Text | bit, "x"));
            }
            foreach (var opcode in (int[])[3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF])
            {
                data.Add($"opcode {opcode}", ClientFrame.Of(opcode, "x"));
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Violations))]
    public void What_is_not_RFC_6455_is_told(string what, byte[] bytes)
    {
        Assert.Equal(FrameOutcome.Violation, Outcome(bytes));
        Assert.True(ByteByByte(bytes) is FrameOutcome.Violation, what);
    }

    [Fact]
    public void A_message_that_is_too_large_is_told_from_its_header_in_one_frame_and_in_sum()
    {
        Assert.Equal(FrameOutcome.Whole, Outcome(ClientFrame.Of(ClientFrame.Text, Content(1000)), max: 1000));
        Assert.Equal(FrameOutcome.TooLarge, Outcome(ClientFrame.Header(ClientFrame.Text, 1001), max: 1000));
        Assert.Equal(FrameOutcome.TooLarge, Outcome(ClientFrame.Header(ClientFrame.Text, long.MaxValue), max: 1000));
        var part = ClientFrame.Of(ClientFrame.Text, Content(600), isLast: false);
        Assert.Equal(FrameOutcome.Whole, Outcome([.. part, .. ClientFrame.Of(ClientFrame.Continuation, Content(400))], max: 1000));
        foreach (var more in (ulong[])[401, 65_536, int.MaxValue, long.MaxValue - 1, long.MaxValue])
        {
            Assert.Equal(FrameOutcome.TooLarge, Outcome([.. part, .. ClientFrame.Header(ClientFrame.Continuation, more)], max: 1000));
        }
    }

    [Fact]
    public void A_full_message_leaves_room_for_pings() =>
        Assert.Equal(FrameOutcome.Whole, Outcome([.. ClientFrame.Of(ClientFrame.Text, Content(1000), isLast: false), .. ClientFrame.Of(ClientFrame.Ping, Content(125))], max: 1000));

    [Fact]
    public void Discarding_keeps_nothing_minds_no_size_and_finds_the_goodbye()
    {
        byte[] bytes = [.. ClientFrame.Of(ClientFrame.Text, Content(5000), isLast: false), .. ClientFrame.Of(ClientFrame.Continuation, Content(70_000)),
            .. ClientFrame.Of(ClientFrame.Close, [3, 232])];
        // From the beginning on, and from the midst of a frame on.
        foreach (var kept in (int[])[0, 3, 500])
        {
            var reader = new FrameReader(1000 + (kept * 5000));
            var rest = new ReadOnlySequence<byte>(bytes[..kept]);
            Assert.Equal(FrameOutcome.Incomplete, reader.Read(ref rest));
            var held = reader.Held;
            reader.Discards = true;
            rest = new ReadOnlySequence<byte>([.. rest.ToArray(), .. bytes[kept..]]);
            Assert.Equal((FrameOutcome.Whole, Opcode.Text), (reader.Read(ref rest), reader.Kind));
            Assert.Equal(held, reader.Held);
            reader.Release();
            Assert.Equal((FrameOutcome.Whole, Opcode.Close), (reader.Read(ref rest), reader.Kind));
            Assert.Equal(0, reader.Held);
        }
    }

    [Fact]
    public void Nothing_is_held_between_messages_nor_for_what_was_only_announced()
    {
        var reader = new FrameReader(Max);
        var input = new ReadOnlySequence<byte>(ClientFrame.Header(ClientFrame.Text, Max));
        Assert.Equal(FrameOutcome.Incomplete, reader.Read(ref input));
        Assert.Equal(0, reader.Held);
        var total = 0;
        for (var piece = 1; total + piece < Max; piece += 997)
        {
            input = new ReadOnlySequence<byte>(new byte[piece]);
            Assert.Equal(FrameOutcome.Incomplete, reader.Read(ref input));
            total += piece;
            Assert.InRange(reader.Held, total, Math.Max(1024, 4 * total));
        }
        input = new ReadOnlySequence<byte>(new byte[Max - total]);
        Assert.Equal(FrameOutcome.Whole, reader.Read(ref input));
        reader.Release();
        Assert.Equal(0, reader.Held);
        input = new ReadOnlySequence<byte>([.. ClientFrame.Of(ClientFrame.Text, "half", isLast: false)]);
        reader.Read(ref input);
        Assert.NotEqual(0, reader.Held);
        reader.Abandon();
        Assert.Equal(0, reader.Held);
    }

    private static List<(Opcode Kind, byte[] Content)> Read(IEnumerable<byte[]> pieces)
    {
        var (reader, messages, rest) = (new FrameReader(Max), new List<(Opcode, byte[])>(), Array.Empty<byte>());
        foreach (var piece in pieces)
        {
            var input = Sequence(rest, piece);
            FrameOutcome outcome;
            while ((outcome = reader.Read(ref input)) is FrameOutcome.Whole)
            {
                messages.Add((reader.Kind, reader.Content.ToArray()));
                reader.Release();
            }
            Assert.Equal(FrameOutcome.Incomplete, outcome);
            rest = input.ToArray();
        }
        Assert.Empty(rest);
        return messages;
    }

    /// <summary>The last outcome but that there is no more.</summary>
    private static FrameOutcome Outcome(byte[] bytes, int max = Max)
    {
        var (reader, input, last) = (new FrameReader(max), new ReadOnlySequence<byte>(bytes), FrameOutcome.Incomplete);
        while (reader.Read(ref input) is var outcome and not FrameOutcome.Incomplete)
        {
            last = outcome;
            if (outcome is not FrameOutcome.Whole)
            {
                break;
            }
            reader.Release();
        }
        return last;
    }

    private static FrameOutcome ByteByByte(byte[] bytes)
    {
        var (reader, rest) = (new FrameReader(Max), new List<byte>());
        foreach (var one in bytes)
        {
            rest.Add(one);
            var input = new ReadOnlySequence<byte>([.. rest]);
            var outcome = reader.Read(ref input);
            if (outcome is FrameOutcome.Violation or FrameOutcome.TooLarge)
            {
                return outcome;
            }
            if (outcome is FrameOutcome.Whole)
            {
                reader.Release();
            }
            rest = [.. input.ToArray()];
        }
        return FrameOutcome.Incomplete;
    }

    private static byte[] Content(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)((i * 31) + (i >> 8)))];

    /// <summary>Cut at places that a linear congruential generator chooses.</summary>
    private static IEnumerable<byte[]> Pieces(byte[] bytes, uint seed)
    {
        for (var start = 0; start < bytes.Length;)
        {
            seed = (seed * 1_664_525) + 1_013_904_223;
            var size = Math.Min(bytes.Length - start, (int)(seed >> 16) % (seed % 3 == 0 ? 7 : 5000));
            yield return bytes[start..(start + size)];
            start += size;
        }
    }

    private static ReadOnlySequence<byte> Sequence(byte[] first, byte[] second)
    {
        var begin = new Segment(first, null);
        var end = new Segment(second, begin);
        return new ReadOnlySequence<byte>(begin, 0, end, second.Length);
    }

    private static bool Same((Opcode Kind, byte[] Content) one, (Opcode Kind, byte[] Content) other) =>
        one.Kind == other.Kind && one.Content.AsSpan().SequenceEqual(other.Content);

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes, Segment? before)
        {
            Memory = bytes;
            if (before is not null)
            {
                RunningIndex = before.RunningIndex + before.Memory.Length;
                before.Next = this;
            }
        }
    }
}

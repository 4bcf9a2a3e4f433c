using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text;

namespace Mimu.Appliance.Gateway;

/// <summary>Frames of the server as they go over the wire: whole and not masked (RFC 6455 section 5.2), so that all sockets can be sent the same bytes.</summary>
internal static class Frames
{
    private const byte Last = 0x80;

    private const int ShortHeader = 2;
    private const int MediumHeader = ShortHeader + sizeof(ushort);
    private const int LongHeader = ShortHeader + sizeof(ulong);

    /// <summary>The first length that has no place in the second byte, and what stands there instead.</summary>
    private const byte FirstMedium = 126;

    /// <summary>A ping without content (RFC 6455 section 5.5.2).</summary>
    public static ServerFrame Ping { get; } = (byte[])[Last | (byte)Opcode.Ping, 0];

    /// <summary>A text frame.</summary>
    public static byte[] Text(ReadOnlySpan<byte> content) => Make(Opcode.Text, content);

    /// <summary>The answer to a ping, which has its content (RFC 6455 section 5.5.3).</summary>
    public static byte[] Pong(ReadOnlySpan<byte> content) => Make(Opcode.Pong, content);

    public static byte[] Close(Farewell farewell)
    {
        Span<byte> content = stackalloc byte[sizeof(ushort) + Encoding.ASCII.GetByteCount(farewell.Reason)];
        BinaryPrimitives.WriteUInt16BigEndian(content, (ushort)farewell.Code);
        Encoding.ASCII.GetBytes(farewell.Reason, content[sizeof(ushort)..]);
        return Make(Opcode.Close, content);
    }

    /// <summary>A text frame of what <paramref name="write"/> writes and measures, at most <paramref name="maxLength"/> bytes.</summary>
    public static byte[] Text<TState>(int maxLength, TState state, SpanWriter<TState> write)
        where TState : allows ref struct
    {
        var scratch = ArrayPool<byte>.Shared.Rent(maxLength);
        var frame = Text(scratch.AsSpan(0, write(scratch, state)));
        ArrayPool<byte>.Shared.Return(scratch);
        return frame;
    }

    /// <summary>The same, straight into the connection's buffer while it is of the common sizes.</summary>
    public static void WriteText<TState>(PipeWriter output, int maxLength, TState state, SpanWriter<TState> write)
    {
        if (maxLength > ushort.MaxValue)
        {
            output.Write(Text(maxLength, state, write));
            return;
        }
        var target = output.GetSpan(MediumHeader + maxLength);
        var length = write(target[MediumHeader..], state);
        if (length < FirstMedium)
        {
            target.Slice(MediumHeader, length).CopyTo(target[ShortHeader..]);
        }
        output.Advance(WriteHeader(target, Opcode.Text, length) + length);
    }

    private static byte[] Make(Opcode opcode, ReadOnlySpan<byte> content)
    {
        Span<byte> header = stackalloc byte[LongHeader];
        var size = WriteHeader(header, opcode, content.Length);
        var frame = GC.AllocateUninitializedArray<byte>(size + content.Length);
        header[..size].CopyTo(frame);
        content.CopyTo(frame.AsSpan(size));
        return frame;
    }

    /// <summary>The header in the shortest of its three forms, which is the one that is allowed (RFC 6455 section 5.2).</summary>
    /// <returns>How long it is.</returns>
    private static int WriteHeader(Span<byte> target, Opcode opcode, int length)
    {
        target[0] = (byte)(Last | (byte)opcode);
        switch (length)
        {
            case < FirstMedium:
                target[1] = (byte)length;
                return ShortHeader;
            case <= ushort.MaxValue:
                target[1] = FirstMedium;
                BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)length);
                return MediumHeader;
            default:
                target[1] = FirstMedium + 1;
                BinaryPrimitives.WriteUInt64BigEndian(target[2..], (ulong)length);
                return LongHeader;
        }
    }
}

/// <summary>Writes something from the beginning of a span on.</summary>
/// <returns>How many bytes it is.</returns>
internal delegate int SpanWriter<in TState>(Span<byte> target, TState state)
    where TState : allows ref struct;

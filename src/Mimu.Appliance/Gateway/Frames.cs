using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Mimu.Appliance.Gateway;

/// <summary>Frames of the server as they go over the wire: whole and not masked (RFC 6455 section 5.2), so that all sockets can be sent the same bytes.</summary>
internal static class Frames
{
    private const byte Last = 0x80;

    /// <summary>A ping without content (RFC 6455 section 5.5.2).</summary>
    public static byte[] Ping { get; } = [Last | (byte)Opcode.Ping, 0];

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

    private static byte[] Make(Opcode opcode, ReadOnlySpan<byte> content)
    {
        var size = content.Length switch { < 126 => 2, <= ushort.MaxValue => 2 + sizeof(ushort), _ => 2 + sizeof(ulong) };
        var frame = GC.AllocateUninitializedArray<byte>(size + content.Length);
        frame[0] = (byte)(Last | (byte)opcode);
        switch (size)
        {
            case 2:
                frame[1] = (byte)content.Length;
                break;
            case 2 + sizeof(ushort):
                frame[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(2), (ushort)content.Length);
                break;
            default:
                frame[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(frame.AsSpan(2), (ulong)content.Length);
                break;
        }
        content.CopyTo(frame.AsSpan(size));
        return frame;
    }
}

/// <summary>Writes something from the beginning of a span on.</summary>
/// <returns>How many bytes it is.</returns>
internal delegate int SpanWriter<in TState>(Span<byte> target, TState state)
    where TState : allows ref struct;

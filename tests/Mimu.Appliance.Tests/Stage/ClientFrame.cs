using System.Buffers.Binary;
using System.Text;

namespace Mimu.Appliance.Tests.Stage;

/// <summary>Frames of a client, byte by byte (RFC 6455 section 5.2).</summary>
internal static class ClientFrame
{
    public const int Continuation = 0x0;
    public const int Text = 0x1;
    public const int Binary = 0x2;
    public const int Close = 0x8;
    public const int Ping = 0x9;
    public const int Pong = 0xA;

    private static readonly byte[] _mask = [0x37, 0xFA, 0x21, 0x3D];

    public static byte[] Of(int opcode, ReadOnlySpan<byte> content, bool isLast = true)
    {
        var frame = new List<byte>(Header(opcode, (ulong)content.Length, isLast));
        for (var i = 0; i < content.Length; i++)
        {
            frame.Add((byte)(content[i] ^ _mask[i % _mask.Length]));
        }
        return [.. frame];
    }

    public static byte[] Of(int opcode, string content, bool isLast = true) => Of(opcode, Encoding.UTF8.GetBytes(content), isLast);

    /// <summary>The header of a frame that is announced to be so long.</summary>
    public static byte[] Header(int opcode, ulong length, bool isLast = true)
    {
        var first = (byte)((isLast ? 0x80 : 0) | opcode);
        var number = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(number, length);
        return length switch
        {
            < 126 => [first, (byte)(0x80 | length), .. _mask],
            <= ushort.MaxValue => [first, 0x80 | 126, .. number[6..], .. _mask],
            _ => [first, 0x80 | 127, .. number, .. _mask],
        };
    }
}

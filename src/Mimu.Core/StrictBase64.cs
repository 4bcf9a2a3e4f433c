using System.Buffers;
using System.Buffers.Text;

namespace Mimu.Core;

/// <summary>Base64 as RFC 4648 section 4 has it and nothing else: padded, no white space, no stray bits, so that bytes have one spelling.</summary>
public static class StrictBase64
{
    /// <summary>The bytes, or null when <paramref name="text"/> (ASCII) is not their one spelling.</summary>
    public static byte[]? Decode(ReadOnlySpan<byte> text)
    {
        if (text.Length % 4 != 0)
        {
            return null;
        }
        var padding = text.EndsWith("=="u8) ? 2 : text.EndsWith("="u8) ? 1 : 0;
        var bytes = new byte[text.Length / 4 * 3 - padding];
        var status = Base64.DecodeFromUtf8(text, bytes, out var consumed, out var written);
        return status == OperationStatus.Done && consumed == text.Length && written == bytes.Length && EndsCanonically(text, bytes) ? bytes : null;
    }

    /// <summary>A last group that stands for one or two bytes has bits to spare; they must be zero (RFC 4648 section 3.5).</summary>
    private static bool EndsCanonically(ReadOnlySpan<byte> text, byte[] bytes)
    {
        var rest = bytes.Length % 3;
        if (rest == 0)
        {
            return true;
        }
        Span<byte> again = stackalloc byte[4];
        Base64.EncodeToUtf8(bytes.AsSpan(bytes.Length - rest), again, out _, out _);
        return again.SequenceEqual(text[^4..]);
    }
}

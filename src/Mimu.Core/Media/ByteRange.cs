namespace Mimu.Core.Media;

/// <summary>How much of a file a <c>Range</c> header asks for.</summary>
public enum RangeOutcome
{
    /// <summary>All of it: there is no such header, or one that may be ignored (RFC 9110 section 14.2).</summary>
    Whole,

    /// <summary>One part: 206.</summary>
    Part,

    /// <summary>Bytes that it does not have: 416 (RFC 9110 section 15.5.17).</summary>
    Unsatisfiable,
}

/// <summary>Consecutive bytes of a file.</summary>
/// <param name="First">Where they begin; the first byte of the file is 0.</param>
/// <param name="Length">How many they are.</param>
public readonly record struct ByteRange(long First, long Length)
{
    /// <summary>The value of <c>Content-Range</c> (RFC 9110 section 14.4).</summary>
    /// <param name="size">How many bytes the file has.</param>
    public string ContentRange(long size) => $"bytes {First}-{First + Length - 1}/{size}";

    /// <summary>
    /// Reads <c>bytes=a-b</c>, <c>bytes=a-</c> and <c>bytes=-n</c>. Several ranges, another unit, and what is no range at all ask for the whole file: nobody needs to serve them
    /// (RFC 9110 section 14.2), and S3 does not serve several either.
    /// </summary>
    /// <param name="header">The value of <c>Range</c>, null if there is none.</param>
    /// <param name="size">How many bytes the file has.</param>
    /// <param name="range">What to send; nothing when it is unsatisfiable.</param>
    public static RangeOutcome Read(string? header, long size, out ByteRange range)
    {
        range = new ByteRange(0, size);
        var text = header.AsSpan();
        var equals = text.IndexOf('=');
        if (equals < 0 || !text[..equals].Equals("bytes", StringComparison.OrdinalIgnoreCase))
        {
            return RangeOutcome.Whole;
        }
        text = text[(equals + 1)..].Trim(" \t");
        var dash = text.IndexOf('-');
        if (dash < 0 || !TryReadNumber(text[..dash], out var first) || !TryReadNumber(text[(dash + 1)..], out var last) || (first ?? last) is null || first > last)
        {
            return RangeOutcome.Whole;
        }
        if (first >= size || (first is null && last == 0))
        {
            range = default;
            return RangeOutcome.Unsatisfiable;
        }
        if (size == 0)
        {
            // The last bytes of an empty file can be had, but no 206 can say which they are.
            return RangeOutcome.Whole;
        }
        var begin = first ?? size - Math.Min(last!.Value, size);
        var end = first is null ? size - 1 : Math.Min(last ?? size - 1, size - 1);
        range = new ByteRange(begin, end - begin + 1);
        return RangeOutcome.Part;
    }

    /// <summary>Null for an empty text. What is too great for a number is the greatest one, which no file reaches.</summary>
    private static bool TryReadNumber(ReadOnlySpan<char> digits, out long? value)
    {
        value = null;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }
            var sofar = value ?? 0;
            value = sofar > (long.MaxValue - 9) / 10 ? long.MaxValue : sofar * 10 + (digit - '0');
        }
        return true;
    }
}

using System.Buffers.Text;

namespace Mimu.Bench.Client;

/// <summary>As much of RFC 9112 as Kestrel's answers need.</summary>
internal static class HttpResponse
{
    /// <summary>Where the first response in <paramref name="data"/> ends; 0 while its end has not come.</summary>
    public static int EndOf(ReadOnlySpan<byte> data)
    {
        int head = data.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return 0;
        int body = head + 4;
        int end = IsChunked(data[..head]) ? EndOfChunks(data, body) : body + ContentLength(data[..head]);
        return end < 0 || end > data.Length ? 0 : end;
    }

    public static bool TryStatus(ReadOnlySpan<byte> response, out int status)
        => Utf8Parser.TryParse(response.Slice("HTTP/1.1 ".Length, 3), out status, out _);

    private static bool IsChunked(ReadOnlySpan<byte> head) => head.IndexOf("ransfer-Encoding: chunked"u8) > 0;

    private static int ContentLength(ReadOnlySpan<byte> head)
    {
        ReadOnlySpan<byte> name = "ontent-Length: "u8;
        int at = head.IndexOf(name);
        return at > 0 && Utf8Parser.TryParse(head[(at + name.Length)..], out int length, out _) ? length : 0;
    }

    /// <summary>The end of a chunked body, −1 while it has not come.</summary>
    private static int EndOfChunks(ReadOnlySpan<byte> data, int at)
    {
        while (at < data.Length && Utf8Parser.TryParse(data[at..], out int size, out int digits, 'x'))
        {
            at += digits + 2 + size + 2;
            if (size == 0)
                return at <= data.Length ? at : -1;
        }

        return -1;
    }
}

using System.Buffers;
using System.Text;

namespace Mimu.Core.Media;

/// <summary>
/// The one spelling that each text has in a signature: RFC 3986's unreserved characters stand for themselves, every other byte is <c>%XX</c> in upper-case hex
/// ("Signature Calculations: UriEncode()").
/// </summary>
internal static class UriEncoding
{
    private static readonly SearchValues<char> _unreserved = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    /// <summary>A name or value of a query.</summary>
    public static string Encode(string text) => Uri.EscapeDataString(text);

    /// <summary>A key's path: once, slashes stay, and neither <c>..</c> nor <c>//</c> means anything.</summary>
    public static string EncodePath(string path) => Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal);

    /// <summary>
    /// Brings what somebody else has encoded into the one spelling, byte for byte, so that it need not be UTF-8.
    /// </summary>
    /// <param name="raw">As it came.</param>
    /// <param name="target">Gets the one spelling.</param>
    /// <param name="isPath">
    /// In a path a slash stays, <c>%2F</c> is something else, since whoever looks for the file may think so too, and <c>+</c> is a plus. In a query <c>+</c> is a space, as for S3 and MinIO.
    /// </param>
    /// <returns>Whether <paramref name="raw"/> is printable ASCII with two hex digits after each <c>%</c>, which is all that a URI can be.</returns>
    public static bool TryRespell(ReadOnlySpan<char> raw, StringBuilder target, bool isPath)
    {
        for (var i = 0; i < raw.Length; i++)
        {
            var c = raw[i];
            if (c is <= ' ' or > '~')
            {
                return false;
            }
            if (c == '%')
            {
                if (raw.Length - i < 3 || !char.IsAsciiHexDigit(raw[i + 1]) || !char.IsAsciiHexDigit(raw[i + 2]))
                {
                    return false;
                }
                Append(target, (char)Convert.FromHexString(raw.Slice(i + 1, 2))[0]);
                i += 2;
            }
            else if (isPath && c == '/')
            {
                target.Append('/');
            }
            else
            {
                Append(target, c == '+' && !isPath ? ' ' : c);
            }
        }
        return true;
    }

    private static void Append(StringBuilder target, char value)
    {
        if (_unreserved.Contains(value))
        {
            target.Append(value);
            return;
        }
        const string Digits = "0123456789ABCDEF";
        target.Append('%').Append(Digits[value >> 4]).Append(Digits[value & 15]);
    }
}

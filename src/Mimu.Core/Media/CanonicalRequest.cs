using System.Text;

namespace Mimu.Core.Media;

/// <summary>The text whose hash is signed ("Signature Calculations", task 1).</summary>
internal static class CanonicalRequest
{
    private static readonly char[] _whiteSpace = [' ', '\t', '\r', '\n'];

    /// <param name="method">In upper case.</param>
    /// <param name="path">Encoded.</param>
    /// <param name="query">Encoded and sorted, without the signature.</param>
    /// <param name="headers">Sorted by name, each name once and in lower case, the values as <see cref="Value"/> has them.</param>
    /// <param name="payloadHash">The body's SHA-256 in lower-case hex, or <see cref="SigV4.UnsignedPayload"/>.</param>
    public static string Of(string method, string path, string query, IReadOnlyCollection<KeyValuePair<string, string>> headers, string payloadHash)
    {
        var text = new StringBuilder(512).Append(method).Append('\n').Append(path).Append('\n').Append(query).Append('\n');
        foreach (var (name, value) in headers)
        {
            text.Append(name).Append(':').Append(value).Append('\n');
        }
        return text.Append('\n').Append(Names(headers)).Append('\n').Append(payloadHash).ToString();
    }

    /// <summary>The list of the signed headers.</summary>
    public static string Names(IEnumerable<KeyValuePair<string, string>> headers) => string.Join(';', headers.Select(header => header.Key));

    /// <summary>A header's value as it is signed: trimmed, and with one space for each run of them, as the SDKs and MinIO do.</summary>
    public static string Value(string value) => string.Join(' ', value.Split(_whiteSpace, StringSplitOptions.RemoveEmptyEntries));
}

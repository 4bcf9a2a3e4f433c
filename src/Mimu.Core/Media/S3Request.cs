namespace Mimu.Core.Media;

/// <summary>A request that is to be signed.</summary>
/// <param name="Method">In upper case.</param>
/// <param name="Host">Exactly as it will stand in the <c>Host</c> header: with the port unless it is the scheme's own, and as the client knows the store, not as this server does.</param>
/// <param name="Path">From the first slash on and not encoded: <c>/bucket/key</c>.</param>
public sealed record S3Request(string Method, string Host, string Path)
{
    /// <summary>
    /// What is signed beside <c>host</c>. Whoever sends the request must send these as they are; a signed <c>content-length</c> fixes the size of the body.
    /// Every <c>x-amz-*</c> header that will be sent must be here.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Further parameters, not encoded, such as <c>response-content-disposition</c>.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];

    /// <summary>The headers in the form that is signed, with <c>host</c> and what the signature brings itself.</summary>
    /// <exception cref="ArgumentException">The request is none that could be sent as it is signed.</exception>
    internal List<KeyValuePair<string, string>> CanonicalHeaders(params ReadOnlySpan<KeyValuePair<string, string>> own)
    {
        if (!Path.StartsWith('/') || Host.Length == 0 || Method.Length == 0)
        {
            throw new ArgumentException("A request has a method, a host, and a path that begins with a slash.");
        }
        var headers = new List<KeyValuePair<string, string>>(Headers.Count + own.Length + 1) { new("host", Host) };
        headers.AddRange(own);
        foreach (var (name, value) in Headers)
        {
            if (value.AsSpan().ContainsAny('\r', '\n'))
            {
                throw new ArgumentException($"The header {name} has more than one line.");
            }
            headers.Add(new(name.ToLowerInvariant(), CanonicalRequest.Value(value)));
        }
        headers.Sort((a, b) => string.CompareOrdinal(a.Key, b.Key));
        for (var i = 1; i < headers.Count; i++)
        {
            if (headers[i].Key == headers[i - 1].Key)
            {
                throw new ArgumentException($"The header {headers[i].Key} is there twice.");
            }
        }
        return headers;
    }
}

namespace Mimu.Core.Media;

/// <summary>A request as it came in, with nothing decoded.</summary>
/// <param name="Method">As sent.</param>
/// <param name="RawPath">What stood before the question mark, as sent: a server that has decoded or tidied it has lost what was signed.</param>
/// <param name="RawQuery">What stood after the first question mark, as sent; empty if there was none.</param>
/// <param name="Host">The <c>Host</c> header (of HTTP/2, <c>:authority</c>).</param>
/// <param name="Headers">All the others, in any case; one that was sent twice is here twice.</param>
public sealed record ReceivedRequest(string Method, string RawPath, string RawQuery, string Host, IReadOnlyCollection<KeyValuePair<string, string>> Headers);

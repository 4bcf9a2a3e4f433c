namespace Mimu.Core.Calls;

/// <summary>The TURN servers, and what is shared with them (<c>[calls]</c>).</summary>
/// <param name="Uris">Where they are (RFC 7064, RFC 7065), as clients get them.</param>
/// <param name="Secrets">What is shared with them: the first one signs, others are on their way in or out. None: calls are not configured.</param>
/// <param name="Lifetime">How long credentials are good.</param>
/// <param name="PseudonymKey">A key of this server's own, which nobody else has: not the TURN server's operator either.</param>
public sealed record TurnSettings(IReadOnlyList<string> Uris, IReadOnlyList<string> Secrets, TimeSpan Lifetime, ReadOnlyMemory<byte> PseudonymKey)
{
    /// <summary>Without the secrets, so that they get into no log.</summary>
    public override string ToString() => string.Join(' ', Uris);

    /// <summary>Reads one secret a line. White space belongs to a secret, as it does for coturn.</summary>
    public static IReadOnlyList<string> ReadSecrets(string text) => text.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

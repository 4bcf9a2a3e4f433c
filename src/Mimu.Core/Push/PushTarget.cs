namespace Mimu.Core.Push;

/// <summary>The push services (protocol 11.1). The numbers are in the database.</summary>
public enum PushPlatform
{
    Fcm = 1,
    Apns = 2,
    WebPush = 3,
}

/// <summary>Where a push goes: what a client has registered.</summary>
/// <param name="Platform">Whose service it is.</param>
/// <param name="Token">FCM's or APNs' device token; of Web Push the endpoint's URL.</param>
/// <param name="VoipToken">APNs' token for calls (PushKit); null for none.</param>
/// <param name="Sandbox">APNs: the token is of Apple's sandbox.</param>
/// <param name="P256dh">Web Push: the client's public key, an uncompressed point of P-256, 65 bytes; null for the others.</param>
/// <param name="Auth">Web Push: the client's authentication secret, 16 bytes; null for the others.</param>
public sealed record PushTarget(PushPlatform Platform, string Token, string? VoipToken, bool Sandbox, byte[]? P256dh, byte[]? Auth)
{
    /// <summary>Without tokens, endpoint and keys, so that none gets into a log.</summary>
    public override string ToString() => Platform.ToString();
}

/// <summary>What a push says: all that it says (protocol 11.2).</summary>
public enum PushKind
{
    /// <summary>There is something to fetch.</summary>
    Fetch,

    /// <summary>A call rings.</summary>
    Call,
}

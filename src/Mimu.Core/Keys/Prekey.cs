namespace Mimu.Core.Keys;

/// <summary>A public key that a client left for others to begin a session with.</summary>
/// <param name="Kind">What it is for.</param>
/// <param name="KeyId">The client's own number for it, 0 … 2³¹−1.</param>
/// <param name="PublicKey">32 bytes, 1,568 for a post-quantum one.</param>
/// <param name="Signature">64 bytes; null for a one-time X25519 prekey, which has none.</param>
public sealed record Prekey(PrekeyKind Kind, int KeyId, byte[] PublicKey, byte[]? Signature);

/// <summary>What a prekey is for. The numbers are persisted: frozen.</summary>
public enum PrekeyKind
{
    /// <summary>X25519, handed out once.</summary>
    OneTime = 1,

    /// <summary>X25519, signed, the device's standing one.</summary>
    Signed = 2,

    /// <summary>KEM, signed, handed out once.</summary>
    PqOneTime = 3,

    /// <summary>KEM, signed, given when no other is left.</summary>
    PqLastResort = 4,
}

/// <summary>Sizes of keys and signatures in bytes (protocol 2.1).</summary>
public static class KeySizes
{
    /// <summary>RFC 7748 section 5.</summary>
    public const int X25519 = 32;

    /// <summary>RFC 8032 section 5.1.5.</summary>
    public const int Ed25519 = 32;

    /// <summary>RFC 8032 section 5.1.6.</summary>
    public const int Signature = 64;

    /// <summary>ML-KEM-1024 encapsulation key, FIPS 203 table 3; Kyber-1024's has the same size.</summary>
    public const int Kem = 1568;
}

/// <summary>Keys of one device as its client uploads them.</summary>
/// <param name="Signed">The signed prekey; null to keep the one that stands. A device that is new has one.</param>
/// <param name="OneTime">One-time prekeys, the oldest first.</param>
/// <param name="PqLastResort">The KEM prekey of last resort; null for a client without post-quantum keys, or to keep the one that stands.</param>
/// <param name="PqOneTime">One-time KEM prekeys, the oldest first.</param>
public sealed record PrekeyUpload(Prekey? Signed, IReadOnlyList<Prekey> OneTime, Prekey? PqLastResort, IReadOnlyList<Prekey> PqOneTime)
{
    /// <summary>Every prekey, in the order in which they are stored.</summary>
    public IEnumerable<Prekey> All =>
        [.. Signed is null ? (Prekey[])[] : [Signed], .. OneTime, .. PqLastResort is null ? (Prekey[])[] : [PqLastResort], .. PqOneTime];
}

/// <summary>What a device has left for others, and what it ever left.</summary>
/// <param name="OneTime">One-time X25519 prekeys that are left.</param>
/// <param name="PqOneTime">One-time KEM prekeys that are left.</param>
/// <param name="HadOneTime">Whether there ever were one-time X25519 prekeys.</param>
/// <param name="HadPqOneTime">Whether there ever were one-time KEM prekeys.</param>
/// <param name="SignedId">The number of the signed prekey; null for a device without keys.</param>
public sealed record PrekeyStock(int OneTime, int PqOneTime, bool HadOneTime, bool HadPqOneTime, int? SignedId)
{
    /// <summary>Whether a kind that the device uses has fewer keys left than <paramref name="limit"/> (protocol section 6, <c>PrekeysLow</c>).</summary>
    public bool IsLow(int limit) => (HadOneTime && OneTime < limit) || (HadPqOneTime && PqOneTime < limit);
}

/// <summary>What others need to begin a session with one device (protocol 3.3).</summary>
/// <param name="DeviceId">The device.</param>
/// <param name="SignalRegistrationId">libsignal's registration id; null for a client that has none.</param>
/// <param name="Signed">The signed prekey.</param>
/// <param name="OneTime">Null when none is left.</param>
/// <param name="Pq">A one-time KEM prekey, else the last resort; null when the client left neither.</param>
public sealed record DeviceBundle(int DeviceId, int? SignalRegistrationId, Prekey Signed, Prekey? OneTime, Prekey? Pq);

/// <summary>The bundles of an account's devices, at least one.</summary>
public sealed record PrekeyBundle(Accounts.Account Account, IReadOnlyList<DeviceBundle> Devices);

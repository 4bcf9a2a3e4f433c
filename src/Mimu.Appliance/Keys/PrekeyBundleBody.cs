using Mimu.Core.Keys;

namespace Mimu.Appliance.Keys;

/// <summary>A prekey that is signed.</summary>
internal sealed record SignedPrekeyBody(int KeyId, byte[] PublicKey, byte[] Signature)
{
    public static SignedPrekeyBody From(Prekey key) => new(key.KeyId, key.PublicKey, key.Signature!);
}

/// <summary>A one-time X25519 prekey.</summary>
internal sealed record OneTimePrekeyBody(int KeyId, byte[] PublicKey)
{
    public static OneTimePrekeyBody? From(Prekey? key) => key is null ? null : new(key.KeyId, key.PublicKey);
}

/// <summary>A KEM prekey.</summary>
internal sealed record PqPrekeyBody(int KeyId, byte[] PublicKey, byte[] Signature, bool LastResort)
{
    public static PqPrekeyBody? From(Prekey? key) =>
        key is null ? null : new(key.KeyId, key.PublicKey, key.Signature!, key.Kind is PrekeyKind.PqLastResort);
}

/// <summary>What one device left (protocol 3.3).</summary>
internal sealed record DeviceBundleBody(
    int DeviceId, int? SignalRegistrationId, SignedPrekeyBody SignedPrekey, OneTimePrekeyBody? OneTimePrekey, PqPrekeyBody? PqPrekey)
{
    public static DeviceBundleBody From(DeviceBundle bundle) => new(bundle.DeviceId, bundle.SignalRegistrationId,
        SignedPrekeyBody.From(bundle.Signed), OneTimePrekeyBody.From(bundle.OneTime), PqPrekeyBody.From(bundle.Pq));
}

/// <summary>Everything for beginning sessions with somebody (protocol 3.3). The members of the first device stand at the top too.</summary>
internal sealed record PrekeyBundleBody(
    Guid UserId,
    string PublicId,
    byte[] IdentityKey,
    byte[] SigningPublicKey,
    string Fingerprint,
    int DeviceId,
    int? SignalRegistrationId,
    SignedPrekeyBody SignedPrekey,
    OneTimePrekeyBody? OneTimePrekey,
    PqPrekeyBody? PqPrekey,
    IReadOnlyList<DeviceBundleBody> Devices)
{
    public static PrekeyBundleBody From(PrekeyBundle bundle)
    {
        var devices = bundle.Devices.Select(DeviceBundleBody.From).ToList();
        var (account, first) = (bundle.Account, devices[0]);
        return new(account.Id.Value, account.PublicId.Value, account.IdentityKey, account.SigningKey, account.Fingerprint,
            first.DeviceId, first.SignalRegistrationId, first.SignedPrekey, first.OneTimePrekey, first.PqPrekey, devices);
    }
}

using System.Security.Cryptography;
using Mimu.Appliance.Http;
using Mimu.Core;
using Mimu.Core.Keys;
using KeySizes = Mimu.Core.Keys.KeySizes;

namespace Mimu.Appliance.Keys;

/// <summary>Prekeys as clients write them (protocol 2.1).</summary>
internal static class PrekeyBodies
{
    private const int MaxSignalRegistrationId = 16380;

    /// <summary>The prekeys of a device that is new.</summary>
    public static PrekeyUpload Upload(Fields fields, Limits limits) => Read(fields, fields.Object("signed_prekey", Signed), Math.Min(limits.MaxPrekeysPerCall, limits.MaxPrekeysKept));

    /// <summary>More prekeys of a device that is there (protocol 3.4). The account's signing key is known, so their signatures are checked here too.</summary>
    public static PublishPrekeysCommand Publish(Fields fields, Limits limits, byte[] signingKey)
    {
        var keys = Read(fields, fields.OptionalObject("signed_prekey", Signed), limits.MaxPrekeysPerCall);
        KeyChecks.CheckPrekeys(keys, signingKey, fields.Faults);
        return new PublishPrekeysCommand(keys, signingKey);
    }

    /// <summary>The digest of the keys that a client believes to have left (protocol 3.4).</summary>
    public static byte[] Check(Fields fields) => fields.Bytes("digest", SHA256.HashSizeInBytes);

    /// <summary>libsignal's registration id (protocol 2.1); null for a client that has none.</summary>
    public static int? SignalRegistrationId(Fields fields) => (int?)fields.OptionalInteger("signal_registration_id", 1, MaxSignalRegistrationId);

    private static PrekeyUpload Read(Fields fields, Prekey? signed, int max) => new(
        signed,
        fields.OptionalObjects("one_time_prekeys", max, OneTime),
        fields.OptionalObject("pq_last_resort_prekey", field => WithSignature(field, PrekeyKind.PqLastResort, KeySizes.Kem)),
        fields.OptionalObjects("pq_one_time_prekeys", max, field => WithSignature(field, PrekeyKind.PqOneTime, KeySizes.Kem)));

    private static Prekey Signed(Fields fields) => WithSignature(fields, PrekeyKind.Signed, KeySizes.X25519);

    private static Prekey OneTime(Fields fields) => new(PrekeyKind.OneTime, KeyId(fields), fields.Bytes("public_key", KeySizes.X25519), Signature: null);

    private static Prekey WithSignature(Fields fields, PrekeyKind kind, int size) =>
        new(kind, KeyId(fields), fields.Bytes("public_key", size), fields.Bytes("signature", KeySizes.Signature));

    private static int KeyId(Fields fields) => (int)fields.Integer("key_id", 0, int.MaxValue);
}

/// <summary>What the calling device has left (protocol 3.4).</summary>
internal sealed record PrekeyCountsBody(int OneTimePrekeyCount, int PqOneTimePrekeyCount, int? SignedPrekeyId)
{
    public static PrekeyCountsBody From(PrekeyStock stock) => new(stock.OneTime, stock.PqOneTime, stock.SignedId);
}

/// <summary>The data of <c>PrekeysLow</c> (protocol section 6).</summary>
internal sealed record PrekeysLowBody(int DeviceId, int OneTimePrekeyCount, int PqOneTimePrekeyCount);

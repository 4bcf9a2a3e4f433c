using Mimu.Appliance.Http;
using Mimu.Core;
using Mimu.Core.Keys;

namespace Mimu.Appliance.Keys;

/// <summary>Prekeys as clients write them (protocol 2.1).</summary>
internal static class PrekeyBodies
{
    /// <summary>The prekeys of a device that is new.</summary>
    public static PrekeyUpload Upload(Fields fields, Limits limits) => new(
        fields.Object("signed_prekey", field => WithSignature(field, PrekeyKind.Signed, KeySizes.X25519)) ?? Missing,
        fields.OptionalObjects("one_time_prekeys", limits.MaxPrekeysPerCall, OneTime),
        fields.OptionalObject("pq_last_resort_prekey", field => WithSignature(field, PrekeyKind.PqLastResort, KeySizes.Kem)),
        fields.OptionalObjects("pq_one_time_prekeys", limits.MaxPrekeysPerCall, field => WithSignature(field, PrekeyKind.PqOneTime, KeySizes.Kem)));

    /// <summary>What stands for a key that was not there, so that the checks of the others go on.</summary>
    private static Prekey Missing => new(PrekeyKind.Signed, -1, [], []);

    private static Prekey OneTime(Fields fields) => new(PrekeyKind.OneTime, KeyId(fields), fields.Bytes("public_key", KeySizes.X25519), Signature: null);

    private static Prekey WithSignature(Fields fields, PrekeyKind kind, int size) =>
        new(kind, KeyId(fields), fields.Bytes("public_key", size), fields.Bytes("signature", KeySizes.Signature));

    private static int KeyId(Fields fields) => (int)fields.Integer("key_id", 0, int.MaxValue);
}

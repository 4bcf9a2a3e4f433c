using System.Security.Cryptography;
using Mimu.Core.Keys;
using NSec.Cryptography;
using Xunit;
using KeySizes = Mimu.Core.Keys.KeySizes;

namespace Mimu.Core.Tests.Keys;

public sealed class KeyChecksTests : IDisposable
{
    private readonly Key _signing = Key.Create(SignatureAlgorithm.Ed25519);

    private byte[] SigningKey => _signing.PublicKey.Export(KeyBlobFormat.RawPublicKey);

    public void Dispose() => _signing.Dispose();

    [Fact]
    public void A_good_identity_is_accepted() => Assert.Empty(CheckIdentity(X25519(), SigningKey));

    [Fact]
    public void Both_keys_of_an_identity_are_told_of() =>
        Assert.Equal(["identity_key", "signing_public_key"], CheckIdentity(new byte[32], new byte[32]));

    [Fact]
    public void A_key_that_is_not_there_was_told_of_already() => Assert.Empty(CheckIdentity([], []));

    [Fact]
    public void Good_prekeys_are_accepted() => Assert.Empty(Check(new PrekeyUpload(
        Signed(1),
        [OneTime(1), OneTime(2), OneTime(0), OneTime(int.MaxValue)],
        Pq(PrekeyKind.PqLastResort, 1),
        [Pq(PrekeyKind.PqOneTime, 2), Pq(PrekeyKind.PqOneTime, 3)])));

    [Fact]
    public void A_signed_prekey_alone_is_enough() => Assert.Empty(Check(Upload(Signed(1))));

    [Theory]
    [InlineData(null, true)]
    [InlineData(0x05, true)]
    [InlineData(0x00, false)]
    [InlineData(0x06, false)]
    [InlineData(0x08, false)]
    [InlineData(0x0A, false)]
    public void A_signed_prekey_is_signed_raw_or_behind_its_type(int? type, bool isGood) =>
        Assert.Equal(isGood ? [] : ["signed_prekey.signature"], Check(Upload(Signed(1, type))));

    [Theory]
    [InlineData(null, true)]
    [InlineData(0x08, true)]
    [InlineData(0x0A, true)]
    [InlineData(0x05, false)]
    [InlineData(0x07, false)]
    [InlineData(0x09, false)]
    public void A_kem_prekey_is_signed_raw_or_behind_its_type(int? type, bool isGood)
    {
        var keys = Upload(Signed(1)) with { PqLastResort = Pq(PrekeyKind.PqLastResort, 1, type), PqOneTime = [Pq(PrekeyKind.PqOneTime, 2), Pq(PrekeyKind.PqOneTime, 3, type)] };

        Assert.Equal(isGood ? [] : ["pq_last_resort_prekey.signature", "pq_one_time_prekeys[1].signature"], Check(keys));
    }

    [Fact]
    public void A_signature_by_another_key_is_refused()
    {
        using var other = Key.Create(SignatureAlgorithm.Ed25519);
        var key = Signed(1);

        Assert.Equal(["signed_prekey.signature"],
            Check(Upload(key with { Signature = SignatureAlgorithm.Ed25519.Sign(other, key.PublicKey) })));
    }

    [Fact]
    public void A_signature_of_another_prekey_is_refused() =>
        Assert.Equal(["signed_prekey.signature"], Check(Upload(Signed(1) with { Signature = Signed(2).Signature })));

    [Fact]
    public void Points_of_low_order_are_refused_wherever_they_stand()
    {
        var zero = new byte[32];
        var signed = new Prekey(PrekeyKind.Signed, 1, zero, SignatureAlgorithm.Ed25519.Sign(_signing, zero));

        Assert.Equal(["signed_prekey.public_key", "one_time_prekeys[1].public_key"],
            Check(Upload(signed) with { OneTime = [OneTime(1), OneTime(2) with { PublicKey = zero }, OneTime(3)] }));
    }

    [Fact]
    public void A_kem_key_is_opaque()
    {
        var zeros = new byte[KeySizes.Kem];

        Assert.Empty(Check(Upload(Signed(1)) with
        {
            PqLastResort = new Prekey(PrekeyKind.PqLastResort, 1, zeros, SignatureAlgorithm.Ed25519.Sign(_signing, zeros)),
        }));
    }

    [Fact]
    public void Numbers_that_come_twice_are_told_of() => Assert.Equal(
        ["one_time_prekeys[2].key_id", "one_time_prekeys[3].key_id", "pq_one_time_prekeys[1].key_id"],
        Check(Upload(Signed(1)) with
        {
            OneTime = [OneTime(1), OneTime(2), OneTime(1), OneTime(1)],
            PqOneTime = [Pq(PrekeyKind.PqOneTime, 1), Pq(PrekeyKind.PqOneTime, 1)],
        }));

    [Fact]
    public void The_last_resort_has_its_number_among_the_kem_keys() => Assert.Equal(["pq_one_time_prekeys[1].key_id"], Check(Upload(Signed(1)) with
    {
        PqLastResort = Pq(PrekeyKind.PqLastResort, 7),
        PqOneTime = [Pq(PrekeyKind.PqOneTime, 8), Pq(PrekeyKind.PqOneTime, 7)],
    }));

    [Fact]
    public void Kinds_have_numbers_of_their_own() => Assert.Empty(Check(new PrekeyUpload(
        Signed(1), [OneTime(1)], PqLastResort: null, [Pq(PrekeyKind.PqOneTime, 1)])));

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var bad = Signed(1) with { Signature = new byte[64] };
        var badPq = Pq(PrekeyKind.PqOneTime, 1) with { Signature = new byte[64] };

        Assert.Equal(
            [
                "signed_prekey.signature", "one_time_prekeys[0].public_key", "pq_last_resort_prekey.signature",
                "pq_one_time_prekeys[0].signature", "pq_one_time_prekeys[1].signature", "pq_one_time_prekeys[0].key_id", "pq_one_time_prekeys[1].key_id",
            ],
            Check(new PrekeyUpload(bad, [OneTime(1) with { PublicKey = new byte[32] }], badPq with { Kind = PrekeyKind.PqLastResort }, [badPq, badPq])));
    }

    private static string[] CheckIdentity(byte[] identityKey, byte[] signingKey)
    {
        var faults = new Faults();
        KeyChecks.CheckIdentity(identityKey, signingKey, faults);
        return Paths(faults);
    }

    private string[] Check(PrekeyUpload keys)
    {
        var faults = new Faults();
        KeyChecks.CheckPrekeys(keys, SigningKey, faults);
        return Paths(faults);
    }

    private static string[] Paths(Faults faults) =>
        faults.Any ? [.. Assert.IsType<ValidationFailed>(faults.ToError()).Faults.Select(fault => fault.Path)] : [];

    private static PrekeyUpload Upload(Prekey signed) => new(signed, [], PqLastResort: null, []);

    private Prekey Signed(int id, int? type = null) => Sign(new Prekey(PrekeyKind.Signed, id, X25519(), Signature: null), type);

    private Prekey Pq(PrekeyKind kind, int id, int? type = null) => Sign(new Prekey(kind, id, RandomNumberGenerator.GetBytes(KeySizes.Kem), Signature: null), type);

    private static Prekey OneTime(int id) => new(PrekeyKind.OneTime, id, X25519(), Signature: null);

    /// <summary>Signs the key, behind a type byte if there is one.</summary>
    private Prekey Sign(Prekey key, int? type) =>
        key with { Signature = SignatureAlgorithm.Ed25519.Sign(_signing, type is { } prefix ? [(byte)prefix, .. key.PublicKey] : key.PublicKey) };

    private static byte[] X25519()
    {
        using var key = Key.Create(KeyAgreementAlgorithm.X25519);
        return key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }
}

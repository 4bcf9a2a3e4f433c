using System.Security.Cryptography;
using System.Text.Json.Nodes;
using NSec.Cryptography;

namespace Mimu.Appliance.Tests.Stage;

/// <summary>The body of protocol 2.1 with real keys and signatures, to be sent as it is or broken first.</summary>
internal sealed class Registration
{
    private const int KemSize = 1568;

    public Registration(string publicId)
    {
        SigningKey = Key.Create(SignatureAlgorithm.Ed25519);
        IdentityKey = NewX25519();
        Body = new JsonObject
        {
            ["public_id"] = publicId,
            ["password"] = "correct horse battery",
            ["identity_key"] = Base64(IdentityKey),
            ["signing_public_key"] = Base64(SigningKey.PublicKey.Export(KeyBlobFormat.RawPublicKey)),
            ["signed_prekey"] = Signed(1, NewX25519()),
        };
    }

    public JsonObject Body { get; }

    public string Password => (string)Body["password"]!;

    public byte[] IdentityKey { get; }

    public Key SigningKey { get; }

    public byte[] SigningPublicKey => SigningKey.PublicKey.Export(KeyBlobFormat.RawPublicKey);

    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(IdentityKey));

    /// <summary>Adds one-time prekeys with the numbers 1, 2, ….</summary>
    public Registration WithOneTimePrekeys(int count)
    {
        Body["one_time_prekeys"] = new JsonArray([.. Enumerable.Range(1, count).Select(id => OneTime(id))]);
        return this;
    }

    /// <summary>Adds a KEM prekey of last resort, number 1, and one-time ones, numbers 2, 3, ….</summary>
    public Registration WithPqPrekeys(int oneTime)
    {
        Body["pq_last_resort_prekey"] = Signed(1, NewKem());
        Body["pq_one_time_prekeys"] = new JsonArray([.. Enumerable.Range(2, oneTime).Select(id => Signed(id, NewKem()))]);
        return this;
    }

    public JsonObject Signed(int id, byte[] publicKey, byte? typeByte = null) => new()
    {
        ["key_id"] = id,
        ["public_key"] = Base64(publicKey),
        ["signature"] = Base64(SignatureAlgorithm.Ed25519.Sign(SigningKey, typeByte is { } type ? [type, .. publicKey] : publicKey)),
    };

    public static JsonObject OneTime(int id) => new() { ["key_id"] = id, ["public_key"] = Base64(NewX25519()) };

    public static byte[] NewX25519()
    {
        using var key = Key.Create(KeyAgreementAlgorithm.X25519);
        return key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }

    /// <summary>Any 1,568 bytes will do (protocol 2.1).</summary>
    public static byte[] NewKem() => RandomNumberGenerator.GetBytes(KemSize);

    public static string Base64(byte[] bytes) => Convert.ToBase64String(bytes);
}

using System.Security.Cryptography;

namespace Mimu.Appliance.Push;

/// <summary>The signing key of a developer team: the <c>.p8</c> file from Apple, which is PKCS #8 in PEM.</summary>
internal static class ApnsKey
{
    /// <summary>What is wrong with the file's text, beginning after its name; null if nothing is. Nothing of the text is in it.</summary>
    public static string? Check(string text)
    {
        try
        {
            using var key = Parse(text);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    /// <exception cref="FormatException">It is not such a key. The message is for the administrator, beginning after the file's name.</exception>
    public static ECDsa Parse(string text)
    {
        var key = ECDsa.Create();
        try
        {
            key.ImportFromPem(text);
            // ES256 is for P-256 alone, and a public key can be read too, but not sign.
            if (key.KeySize == 256 && key.SignData([], HashAlgorithmName.SHA256).Length == 64)
            {
                return key;
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            // As below.
        }
        key.Dispose();
        throw new FormatException("is not a .p8 key from Apple: expected a private key of P-256 in PEM");
    }
}

using System.Security.Cryptography;

namespace Mimu.Core.Subscriptions.Apple;

/// <summary>What Apple signed, and when.</summary>
internal sealed record AppleSignedData(AppleFields Payload, DateTimeOffset SignedAt);

/// <summary>
/// Verifies what Apple signs for StoreKit 2 and the App Store Server API, offline: the signature, and that its certificates are Apple's for receipts. What is signed is then to be looked at by itself.
/// </summary>
public static class AppleVerifier
{
    /// <summary>The most characters: a transaction has some 6,000, a notification with two such parts some 20,000.</summary>
    public const int MaxLength = 64 * 1024;

    /// <summary>How far Apple's clock may be ahead of ours.</summary>
    public static readonly TimeSpan MaxAhead = TimeSpan.FromMinutes(5);

    /// <summary>The signed content, or why it is not Apple's. Certificates must have been valid when it was signed: devices show receipts of years ago.</summary>
    internal static AppleResult<AppleSignedData> Verify(string text, AppleRoot root, DateTimeOffset now)
    {
        if (!AppleJws.Parse(text).Succeeded(out var jws, out var refusal))
        {
            return refusal;
        }
        using (jws)
        {
            try
            {
                if (jws.Payload.Time("signedDate") is not { } signedAt)
                {
                    return AppleRefusal.NoSignedDate;
                }
                if (signedAt > now + MaxAhead)
                {
                    return AppleRefusal.SignedInFuture;
                }
                return (AppleCertificates.Check(jws.Leaf, jws.Intermediate, root, signedAt) ?? jws.CheckSignature()) is { } fault
                    ? fault
                    : new AppleSignedData(jws.Payload, signedAt);
            }
            catch (FormatException)
            {
                return AppleRefusal.PayloadUnreadable;
            }
            catch (CryptographicException)
            {
                // Extensions and keys are read late.
                return AppleRefusal.CertificateUnreadable;
            }
        }
    }
}

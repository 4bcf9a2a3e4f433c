using System.Security.Cryptography.X509Certificates;

namespace Mimu.Core.Subscriptions.Apple;

/// <summary>
/// Whether certificates are those with which Apple signs receipts. Nothing is asked of the network, so what Apple took back is not known: its own libraries do the same when they are told to work offline.
/// </summary>
internal static class AppleCertificates
{
    /// <summary>Marks certificates that sign receipts (Apple's <c>app-store-server-library</c>, the check of the chain).</summary>
    public const string LeafMarker = "1.2.840.113635.100.6.11.1";

    /// <summary>Marks Apple's authorities for developers, Worldwide Developer Relations (the same).</summary>
    public const string IntermediateMarker = "1.2.840.113635.100.6.2.1";

    /// <summary>How far the clocks may be apart of who made a certificate and who signs with it: as in Apple's library for Node.</summary>
    private static readonly TimeSpan _skew = TimeSpan.FromSeconds(60);

    /// <summary>Why these are none of Apple's at that time; null when they are.</summary>
    public static AppleRefusal? Check(X509Certificate2 leaf, X509Certificate2 intermediate, AppleRoot root, DateTimeOffset at) =>
        !IsCa(intermediate) ? AppleRefusal.IntermediateNotCa
        : intermediate.Extensions[IntermediateMarker] is null ? AppleRefusal.IntermediateNotMarked
        : leaf.Extensions[LeafMarker] is null ? AppleRefusal.LeafNotMarked
        : !Leads(leaf, intermediate, root, at) ? AppleRefusal.NotToRoot
        : !IsValid(leaf, at) || !IsValid(intermediate, at) || !IsValid(root.Certificate, at) ? AppleRefusal.CertificateNotValidThen
        : null;

    /// <summary>Whether it may issue others (RFC 5280 section 4.2.1.9).</summary>
    public static bool IsCa(X509Certificate2 certificate)
    {
        foreach (var extension in certificate.Extensions)
        {
            if (extension is X509BasicConstraintsExtension constraints)
            {
                return constraints.CertificateAuthority;
            }
        }
        return false;
    }

    /// <summary>Whether each is issued by the next, as they stand here: none is looked for elsewhere.</summary>
    private static bool Leads(X509Certificate2 leaf, X509Certificate2 intermediate, AppleRoot root, DateTimeOffset at)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(root.Certificate);
        chain.ChainPolicy.ExtraStore.Add(intermediate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        // A certificate may name a URL where its issuer's is, and whoever sends it would choose that.
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = at.UtcDateTime;
        // IsValid does that, with the skew.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        try
        {
            return chain.Build(leaf)
                && chain.ChainElements.Count == 3
                && Same(chain.ChainElements[1].Certificate, intermediate)
                && Same(chain.ChainElements[2].Certificate, root.Certificate);
        }
        finally
        {
            foreach (var element in chain.ChainElements)
            {
                element.Certificate.Dispose();
            }
        }
    }

    private static bool Same(X509Certificate2 one, X509Certificate2 other) => one.RawDataMemory.Span.SequenceEqual(other.RawDataMemory.Span);

    private static bool IsValid(X509Certificate2 certificate, DateTimeOffset at) =>
        at + _skew >= certificate.NotBefore.ToUniversalTime() && at - _skew <= certificate.NotAfter.ToUniversalTime();
}

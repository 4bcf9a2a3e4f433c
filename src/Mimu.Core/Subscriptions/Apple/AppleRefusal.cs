namespace Mimu.Core.Subscriptions.Apple;

/// <summary>
/// Why something that is said to be signed by Apple does not count. Nothing of what was sent is in it, so it may stand in a log. The numbers may be stored.
/// </summary>
public enum AppleRefusal
{
    /// <summary>Longer than <see cref="AppleVerifier.MaxLength"/>.</summary>
    TooLarge = 1,

    /// <summary>Not a compact JWS: three parts in base64url, with points between them.</summary>
    NotCompactJws = 2,

    /// <summary>The JWS's header is no JSON object, or asks for an extension.</summary>
    HeaderUnreadable = 3,

    /// <summary>Another algorithm than ES256; also <c>none</c>.</summary>
    OtherAlgorithm = 4,

    /// <summary>More or less than three certificates: so are purchases that Xcode signs.</summary>
    OtherCertificateCount = 5,

    /// <summary>What stands where a certificate should be is none.</summary>
    CertificateUnreadable = 6,

    /// <summary>The signed content is no JSON object, or a member has not the type that it should have.</summary>
    PayloadUnreadable = 7,

    /// <summary>It does not say when it was signed.</summary>
    NoSignedDate = 8,

    /// <summary>Signed later than now: one of two clocks is wrong.</summary>
    SignedInFuture = 9,

    /// <summary>The second certificate may not issue others.</summary>
    IntermediateNotCa = 10,

    /// <summary>The second certificate has not the mark of Apple's authority for developers.</summary>
    IntermediateNotMarked = 11,

    /// <summary>The first certificate has not the mark of those that sign receipts: Apple gives certificates to every developer.</summary>
    LeafNotMarked = 12,

    /// <summary>The certificates do not lead to the root.</summary>
    NotToRoot = 13,

    /// <summary>A certificate, or the root, was not valid when it was signed.</summary>
    CertificateNotValidThen = 14,

    /// <summary>The first certificate's key is none of P-256.</summary>
    OtherKey = 15,

    /// <summary>The signature is not the one of this content by this key.</summary>
    SignatureWrong = 16,

    /// <summary>Of another app.</summary>
    OtherBundle = 17,

    /// <summary>Of Apple's test environment, which does not count here.</summary>
    Sandbox = 18,

    /// <summary>Of neither the App Store nor its test environment: <c>Xcode</c>, <c>LocalTesting</c> or one that is not known.</summary>
    OtherEnvironment = 19,

    /// <summary>Of a product that makes nobody premium.</summary>
    OtherProduct = 20,

    /// <summary>Of a product that is used up, or one of a type that is not known.</summary>
    OtherProductType = 21,

    /// <summary>A member is missing without which it means nothing.</summary>
    Incomplete = 22,

    /// <summary>The app named an account by what is no UUID.</summary>
    AccountTokenUnreadable = 23,

    /// <summary>A notification's parts are of different environments or purchases.</summary>
    PartsDisagree = 24,
}

/// <summary>The words for <see cref="AppleRefusal"/>.</summary>
public static class AppleRefusals
{
    /// <summary>For the administrator, after "refused: ".</summary>
    public static string Sentence(this AppleRefusal refusal) => refusal switch
    {
        AppleRefusal.TooLarge => "it is too large",
        AppleRefusal.NotCompactJws => "it is not a compact JWS",
        AppleRefusal.HeaderUnreadable => "its header cannot be read",
        AppleRefusal.OtherAlgorithm => "its algorithm is not ES256",
        AppleRefusal.OtherCertificateCount => "it does not have three certificates",
        AppleRefusal.CertificateUnreadable => "a certificate of it cannot be read",
        AppleRefusal.PayloadUnreadable => "its content cannot be read",
        AppleRefusal.NoSignedDate => "it does not say when it was signed",
        AppleRefusal.SignedInFuture => "it is signed in the future; is this machine's clock right?",
        AppleRefusal.IntermediateNotCa => "its second certificate is not a CA",
        AppleRefusal.IntermediateNotMarked => "its second certificate is not one of Apple's for developers",
        AppleRefusal.LeafNotMarked => "its certificate is not one for receipts",
        AppleRefusal.NotToRoot => "its certificates do not lead to the root certificate",
        AppleRefusal.CertificateNotValidThen => "a certificate was not valid when it was signed",
        AppleRefusal.OtherKey => "its certificate's key is not one of P-256",
        AppleRefusal.SignatureWrong => "its signature is wrong",
        AppleRefusal.OtherBundle => "it is of another app than subscriptions.apple.bundle_id",
        AppleRefusal.Sandbox => "it is of the sandbox, and subscriptions.apple.allow_sandbox is false",
        AppleRefusal.OtherEnvironment => "it is not of the App Store",
        AppleRefusal.OtherProduct => "its product is not in subscriptions.apple.product_ids",
        AppleRefusal.OtherProductType => "its product is not one that lasts",
        AppleRefusal.Incomplete => "a member of it is missing",
        AppleRefusal.AccountTokenUnreadable => "its appAccountToken is not a UUID",
        AppleRefusal.PartsDisagree => "its parts do not belong together",
        _ => throw new ArgumentOutOfRangeException(nameof(refusal)),
    };
}

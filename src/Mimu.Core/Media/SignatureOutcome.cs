namespace Mimu.Core.Media;

/// <summary>What the look at a presigned request has shown: <see cref="SignatureVerified"/> or <see cref="SignatureRefused"/>.</summary>
public abstract record SignatureOutcome
{
    private protected SignatureOutcome()
    {
    }
}

/// <summary>The request is what was signed, and in time.</summary>
/// <param name="SignedHeaders">The headers that are as the signer wanted them, in lower case and in order. What is not among them is the sender's own word.</param>
public sealed record SignatureVerified(IReadOnlyList<string> SignedHeaders) : SignatureOutcome
{
    /// <summary>Whether the signer has fixed this header.</summary>
    /// <param name="header">In lower case.</param>
    public bool Signs(string header) => SignedHeaders.Contains(header);
}

/// <summary>The request is refused.</summary>
/// <param name="Fault">Why.</param>
/// <param name="Detail">What was wrong and what was expected, for a person who develops a client; may quote what was sent.</param>
public sealed record SignatureRefused(SignatureFault Fault, string Detail) : SignatureOutcome
{
    /// <summary>With <see cref="SignatureFault.DoesNotMatch"/>, the text that should have been signed, as S3 tells it too; else null. It has nothing in it but what was sent.</summary>
    public string? CanonicalRequest { get; init; }

    /// <summary>S3's word for it ("Error responses: List of error codes"). <c>AuthorizationQueryParametersError</c> goes with status 400, the others with 403.</summary>
    public string Code => Fault switch
    {
        SignatureFault.Malformed or SignatureFault.WrongScope or SignatureFault.LifetimeOutOfRange => "AuthorizationQueryParametersError",
        SignatureFault.UnknownAccessKey => "InvalidAccessKeyId",
        SignatureFault.NotYetValid => "RequestTimeTooSkewed",
        SignatureFault.SignedHeaderMissing or SignatureFault.DoesNotMatch => "SignatureDoesNotMatch",
        _ => "AccessDenied",
    };
}

/// <summary>Why a signature is refused.</summary>
public enum SignatureFault
{
    /// <summary>No parameter of a signature is there at all.</summary>
    NoSignature,

    /// <summary>The request or a parameter of the signature can't be read.</summary>
    Malformed,

    /// <summary>Nobody here has this access key id.</summary>
    UnknownAccessKey,

    /// <summary>It was made for another region, service or day.</summary>
    WrongScope,

    /// <summary>It was to be good for less than a second or for longer than <see cref="SigV4.MaxLifetime"/>.</summary>
    LifetimeOutOfRange,

    /// <summary>It is from further in the future than <see cref="SigV4.MaxSkew"/>.</summary>
    NotYetValid,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>The host is not signed, so that the URL would be good for another store too.</summary>
    HostNotSigned,

    /// <summary>A header is signed and was not sent.</summary>
    SignedHeaderMissing,

    /// <summary>An <c>x-amz-*</c> header was sent and is not signed: the sender would tell the store something that the signer did not.</summary>
    HeaderNotSigned,

    /// <summary>Something else was signed, or with another secret.</summary>
    DoesNotMatch,
}

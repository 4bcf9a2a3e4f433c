using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mimu.Core.Subscriptions.Apple;

/// <summary>The certificate in which all of Apple's signatures must end: Apple Root CA - G3, or the one of <c>subscriptions.apple.root_certificate_file</c>.</summary>
public sealed class AppleRoot : IDisposable
{
    /// <summary>The SHA-256 of Apple Root CA - G3's DER, in lower-case hex.</summary>
    public const string PinnedSha256 = "63343abfb89a6a03ebb57e9b3f5fa7be7c4f5c756f3017b3a8c488c3653e9179";

    /// <summary>Apple Root CA - G3 (<c>www.apple.com/certificateauthority/AppleRootCA-G3.cer</c>): P-384, 2014-04-30 to 2039-04-30.</summary>
    private const string PinnedPem = """
        -----BEGIN CERTIFICATE-----
        MIICQzCCAcmgAwIBAgIILcX8iNLFS5UwCgYIKoZIzj0EAwMwZzEbMBkGA1UEAwwS
        QXBwbGUgUm9vdCBDQSAtIEczMSYwJAYDVQQLDB1BcHBsZSBDZXJ0aWZpY2F0aW9u
        IEF1dGhvcml0eTETMBEGA1UECgwKQXBwbGUgSW5jLjELMAkGA1UEBhMCVVMwHhcN
        MTQwNDMwMTgxOTA2WhcNMzkwNDMwMTgxOTA2WjBnMRswGQYDVQQDDBJBcHBsZSBS
        b290IENBIC0gRzMxJjAkBgNVBAsMHUFwcGxlIENlcnRpZmljYXRpb24gQXV0aG9y
        aXR5MRMwEQYDVQQKDApBcHBsZSBJbmMuMQswCQYDVQQGEwJVUzB2MBAGByqGSM49
        AgEGBSuBBAAiA2IABJjpLz1AcqTtkyJygRMc3RCV8cWjTnHcFBbZDuWmBSp3ZHtf
        TjjTuxxEtX/1H7YyYl3J6YRbTzBPEVoA/VhYDKX1DyxNB0cTddqXl5dvMVztK517
        IDvYuVTZXpmkOlEKMaNCMEAwHQYDVR0OBBYEFLuw3qFYM4iapIqZ3r6966/ayySr
        MA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgEGMAoGCCqGSM49BAMDA2gA
        MGUCMQCD6cHEFl4aXTQY2e3v9GwOAEZLuN+yRhHFD/3meoyhpmvOwgPUnPWTxnS4
        at+qIxUCMG1mihDK1A3UT82NQz60imOlM27jbdoXt2QfyFMm+YhidDkLF1vLUagM
        6BgD56KyKA==
        -----END CERTIFICATE-----
        """;

    private AppleRoot(X509Certificate2 certificate) => Certificate = certificate;

    /// <summary>The certificate itself.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Apple Root CA - G3.</summary>
    public static AppleRoot Pinned() => Parse(PinnedPem);

    /// <summary>What is wrong with a file's text, beginning after its name; null if nothing is.</summary>
    public static string? Check(string pem)
    {
        try
        {
            using var root = Parse(pem);
            return null;
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }

    /// <summary>The root certificate that is in this text, in PEM.</summary>
    /// <exception cref="FormatException">There is none. The message is for the administrator, beginning after the file's name.</exception>
    public static AppleRoot Parse(string pem)
    {
        var certificates = new X509Certificate2Collection();
        var taken = false;
        try
        {
            certificates.ImportFromPem(pem);
            if (Problem(certificates) is { } problem)
            {
                throw new FormatException(problem);
            }
            taken = true;
            return new AppleRoot(certificates[0]);
        }
        catch (CryptographicException)
        {
            throw new FormatException("holds a certificate that cannot be read: expected a root certificate in PEM");
        }
        finally
        {
            foreach (var certificate in certificates)
            {
                if (!taken)
                {
                    certificate.Dispose();
                }
            }
        }
    }

    public void Dispose() => Certificate.Dispose();

    private static string? Problem(X509Certificate2Collection certificates)
    {
        if (certificates.Count != 1)
        {
            return certificates.Count == 0 ? "has no certificate in it: expected a root certificate in PEM" : "has several certificates in it: expected the root certificate alone";
        }
        if (!AppleCertificates.IsCa(certificates[0]))
        {
            return "is not the certificate of a CA: expected a root certificate in PEM";
        }
        // A chain must end in it, and only one that is issued by itself is an end.
        return certificates[0].SubjectName.RawData.AsSpan().SequenceEqual(certificates[0].IssuerName.RawData) ? null : "is issued by another one: expected a root certificate in PEM";
    }
}

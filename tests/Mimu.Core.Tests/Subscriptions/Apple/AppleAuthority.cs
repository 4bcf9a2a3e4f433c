using System.Buffers.Text;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mimu.Core.Subscriptions.Apple;

namespace Mimu.Core.Tests.Subscriptions.Apple;

/// <summary>How the certificates of an <see cref="AppleAuthority"/> are made; as Apple's are, where nothing else is said.</summary>
internal sealed record ChainSpec
{
    public const string LeafMarker = "1.2.840.113635.100.6.11.1";
    public const string IntermediateMarker = "1.2.840.113635.100.6.2.1";

    public string? Leaf { get; init; } = LeafMarker;
    public string? Intermediate { get; init; } = IntermediateMarker;
    public bool IntermediateIsCa { get; init; } = true;
    public bool LeafNamesIntermediate { get; init; } = true;
    public ECCurve LeafCurve { get; init; } = ECCurve.NamedCurves.nistP256;
    public string RootValid { get; init; } = "2014-04-30/2039-04-30";
    public string IntermediateValid { get; init; } = "2021-03-17/2036-03-19";
    public string LeafValid { get; init; } = "2025-09-19/2027-10-13";

    /// <summary>A URL at which the leaf says that its issuer's certificate is.</summary>
    public string? LeafIssuerUrl { get; init; }
}

/// <summary>A root, an intermediate and a leaf with the names and marks of Apple's, and what is signed with them.</summary>
internal sealed class AppleAuthority : IDisposable
{
    private const string RootName = "CN=Apple Root CA - G3, OU=Apple Certification Authority, O=Apple Inc., C=US";
    private const string IntermediateName = "CN=Apple Worldwide Developer Relations Certification Authority, OU=G6, O=Apple Inc., C=US";
    private const string LeafName = "CN=Prod ECC Mac App Store and iTunes Store Receipt Signing, O=Apple Inc., C=US";

    private readonly ECDsa _rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly ECDsa _intermediateKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);
    private readonly ECDsa _leafKey;
    private readonly X509Certificate2 _root;

    public AppleAuthority(ChainSpec? spec = null)
    {
        spec ??= new ChainSpec();
        _leafKey = ECDsa.Create(spec.LeafCurve);
        var rootName = new X500DistinguishedName(RootName);
        var intermediateName = new X500DistinguishedName(IntermediateName);
        _root = Issue(rootName, _rootKey, rootName, _rootKey, isCa: true, null, spec.RootValid);
        RootAgain = Der(Issue(rootName, _rootKey, rootName, _rootKey, isCa: true, null, "2015-01-01/2030-01-01"));
        Root = AppleRoot.Parse(_root.ExportCertificatePem());
        var intermediate = Issue(intermediateName, _intermediateKey, rootName, _rootKey, spec.IntermediateIsCa, spec.Intermediate, spec.IntermediateValid);
        var issuer = spec.LeafNamesIntermediate ? intermediateName : new X500DistinguishedName("CN=Nobody");
        var leaf = Issue(new(LeafName), _leafKey, issuer, _intermediateKey, isCa: false, spec.Leaf, spec.LeafValid, spec.LeafIssuerUrl);
        LeafOfRoot = Der(Issue(new(LeafName), _leafKey, rootName, _rootKey, isCa: false, spec.Leaf, spec.LeafValid));
        Certificates = [Der(leaf), Der(intermediate), Der(_root)];
    }

    /// <summary>What the settings name as root.</summary>
    public AppleRoot Root { get; }

    /// <summary>The header's <c>x5c</c>: leaf, intermediate, root, in base64.</summary>
    public string[] Certificates { get; }

    /// <summary>Another certificate of the root's name and key.</summary>
    public string RootAgain { get; }

    /// <summary>A certificate of the leaf's key, from the root itself.</summary>
    public string LeafOfRoot { get; }

    public string Leaf => Certificates[0];

    public string Intermediate => Certificates[1];

    /// <summary>What Apple would send.</summary>
    public string Sign(JsonObject payload, string[]? certificates = null) => Sign(payload.ToJsonString(), Header(certificates ?? Certificates));

    /// <inheritdoc cref="Sign(JsonObject, string[])"/>
    public string Sign(string payload, string header, DSASignatureFormat format = DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
    {
        var content = $"{Encode(header)}.{Encode(payload)}";
        return $"{content}.{Base64Url.EncodeToString(_leafKey.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, format))}";
    }

    public static string Header(string[] certificates, string algorithm = "ES256") =>
        new JsonObject { ["alg"] = algorithm, ["x5c"] = new JsonArray([.. certificates.Select(text => (JsonNode)text)]) }.ToJsonString();

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public void Dispose()
    {
        _rootKey.Dispose();
        _intermediateKey.Dispose();
        _leafKey.Dispose();
        _root.Dispose();
        Root.Dispose();
    }

    /// <summary>A certificate; <c>valid</c> is from when until when.</summary>
    public static X509Certificate2 Issue(
        X500DistinguishedName name, ECDsa key, X500DistinguishedName issuer, ECDsa issuerKey, bool isCa, string? marker, string valid, string? issuerUrl = null)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isCa, false, 0, critical: true));
        if (marker is not null)
        {
            request.CertificateExtensions.Add(new X509Extension(marker, Null(), critical: false));
        }
        if (issuerUrl is not null)
        {
            request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(null, [issuerUrl]));
        }
        var times = valid.Split('/').Select(At).ToArray();
        return request.Create(issuer, X509SignatureGenerator.CreateForECDsa(issuerKey), times[0], times[1], RandomNumberGenerator.GetBytes(8));
    }

    public static DateTimeOffset At(string time) =>
        DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal);

    private static byte[] Null()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        writer.WriteNull();
        return writer.Encode();
    }

    private static string Der(X509Certificate2 certificate) => Convert.ToBase64String(certificate.RawData);
}

using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Mimu.Core.Subscriptions.Apple;

/// <summary>A compact JWS (RFC 7515 section 7.1) as Apple writes it, taken apart; nothing of it is believed yet.</summary>
internal sealed class AppleJws : IDisposable
{
    /// <summary>The leaf, the intermediate, and what is said to be the root, which is not looked at: the root that counts is known before.</summary>
    private const int CertificateCount = 3;

    private const int LargestHeader = 32 * 1024;

    private readonly List<X509Certificate2> _certificates = [];
    private byte[] _signed = [];
    private byte[] _signature = [];

    private AppleJws()
    {
    }

    /// <summary>The content.</summary>
    public AppleFields Payload { get; private set; }

    public X509Certificate2 Leaf => _certificates[0];

    public X509Certificate2 Intermediate => _certificates[1];

    /// <summary>The parts, or why they can't be told; what it gives must be disposed of.</summary>
    public static AppleResult<AppleJws> Parse(string text)
    {
        var jws = new AppleJws();
        if (jws.Read(text) is not { } refusal)
        {
            return jws;
        }
        jws.Dispose();
        return refusal;
    }

    /// <summary>Why the signature is not the leaf's (RFC 7518 section 3.4: r‖s, and not DER); null when it is.</summary>
    public AppleRefusal? CheckSignature()
    {
        using var key = Leaf.GetECDsaPublicKey();
        if (key is null || key.ExportParameters(includePrivateParameters: false).Curve.Oid.Value != ECCurve.NamedCurves.nistP256.Oid.Value)
        {
            return AppleRefusal.OtherKey;
        }
        return key.VerifyData(_signed, _signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation) ? null : AppleRefusal.SignatureWrong;
    }

    public void Dispose() => _certificates.ForEach(certificate => certificate.Dispose());

    private AppleRefusal? Read(string text)
    {
        if (text.Length > AppleVerifier.MaxLength)
        {
            return AppleRefusal.TooLarge;
        }
        var first = text.IndexOf('.', StringComparison.Ordinal);
        var last = text.LastIndexOf('.');
        // What has a point in the middle part is caught with all else that is no base64url.
        if (first == last || !TryDecode(text.AsSpan(0, first), out var header) || !TryDecode(text.AsSpan(first + 1, last - first - 1), out var payload)
            || !TryDecode(text.AsSpan(last + 1), out var signature))
        {
            return AppleRefusal.NotCompactJws;
        }
        _signed = Encoding.ASCII.GetBytes(text, 0, last);
        _signature = signature;
        if (ReadHeader(header) is { } refusal)
        {
            return refusal;
        }
        if (!AppleFields.TryParse(payload, out var fields))
        {
            return AppleRefusal.PayloadUnreadable;
        }
        Payload = fields;
        return null;
    }

    private AppleRefusal? ReadHeader(byte[] json)
    {
        // A header that says "crit" must not be accepted by who does not know what follows (RFC 7515 section 4.1.11).
        if (json.Length > LargestHeader || !AppleFields.TryParse(json, out var header) || header.Has("crit"))
        {
            return AppleRefusal.HeaderUnreadable;
        }
        if (!header.TryText("alg", out var algorithm) || algorithm != "ES256")
        {
            return AppleRefusal.OtherAlgorithm;
        }
        if (!header.TryList("x5c", out var list) || list.GetArrayLength() != CertificateCount)
        {
            return AppleRefusal.OtherCertificateCount;
        }
        foreach (var element in list.EnumerateArray())
        {
            if (!TryLoad(element, out var certificate))
            {
                return AppleRefusal.CertificateUnreadable;
            }
            _certificates.Add(certificate);
        }
        return null;
    }

    /// <summary>RFC 7515 section 4.1.6: DER in base64, and not base64url.</summary>
    private static bool TryLoad(JsonElement element, [NotNullWhen(true)] out X509Certificate2? certificate)
    {
        certificate = null;
        if (!AppleFields.TryText(element, out var text) || !Ascii.IsValid(text) || StrictBase64.Decode(Encoding.ASCII.GetBytes(text)) is not { Length: > 0 } der)
        {
            return false;
        }
        try
        {
            var loaded = X509CertificateLoader.LoadCertificate(der);
            // The loader takes PEM too, and whatever follows.
            if (loaded.RawDataMemory.Span.SequenceEqual(der))
            {
                certificate = loaded;
                return true;
            }
            loaded.Dispose();
            return false;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Base64url (RFC 7515 section 2) in the one spelling that bytes have: no padding, no white space, no stray bits.</summary>
    private static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        bytes = [];
        if (text.IsEmpty || text.Length % 4 == 1)
        {
            return false;
        }
        bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length)];
        // The decoder refuses stray bits, but it skips white space and takes padding: then there are fewer bytes than so many characters spell.
        return Base64Url.DecodeFromChars(text, bytes, out var consumed, out var written) is OperationStatus.Done && consumed == text.Length && written == bytes.Length;
    }
}

using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Mimu.Core.Subscriptions.Apple;
using Xunit;

namespace Mimu.Core.Tests.Subscriptions.Apple;

/// <summary>Who signed it: the JWS and its certificates.</summary>
public sealed class AppleVerifierTests : AppleWorld
{
    [Fact]
    public void What_Apple_signed_is_verified()
    {
        Assert.Equal("2000000000000001", Accepted().PurchaseId);
        Assert.Equal("2000000000000001", Accepted().PurchaseId);
    }

    [Fact]
    public void A_whole_chain_of_ones_own_with_all_the_right_names_is_not_Apples()
    {
        using var forger = new AppleAuthority();
        Assert.Equal(AppleRefusal.NotToRoot, Refused(Verify(forger.Sign(Transaction()))));
        // Nor with Apple's own root at its end, of which the forger has all but the key.
        Assert.Equal(AppleRefusal.NotToRoot, Refused(Verify(forger.Sign(Transaction(), [forger.Leaf, forger.Intermediate, Authority.Certificates[2]]))));
    }

    [Fact]
    public void Apples_own_root_vouches_for_no_test_chain()
    {
        using var apple = AppleRoot.Pinned();
        Assert.Equal(AppleRefusal.NotToRoot, Refused(Verify(Authority.Sign(Transaction()), App with { Root = apple })));
    }

    [Fact]
    public void The_third_certificate_is_not_looked_at_because_the_root_is_known()
    {
        // Apple's own test vectors have another certificate there than their root is, of the same name and key.
        Assert.NotEqual(Authority.Certificates[2], Authority.RootAgain);
        Accepted(Verify(Authority.Sign(Transaction(), [Authority.Leaf, Authority.Intermediate, Authority.RootAgain])));
        // But a certificate it must be.
        Assert.Equal(AppleRefusal.CertificateUnreadable, Refused(Verify(Authority.Sign(Transaction(), [Authority.Leaf, Authority.Intermediate, "AAAA"]))));
    }

    [Fact]
    public void A_leaf_of_somebody_else_under_Apples_intermediate_is_not_Apples()
    {
        using var forger = new AppleAuthority();
        Assert.Equal(AppleRefusal.NotToRoot, Refused(Verify(forger.Sign(Transaction(), [forger.Leaf, Authority.Intermediate, Authority.Certificates[2]]))));
        // Apple's leaf, which is in every receipt, and the forger's signature.
        Assert.Equal(AppleRefusal.SignatureWrong, Refused(Verify(forger.Sign(Transaction(), Authority.Certificates))));
    }

    [Fact]
    public void A_leaf_of_the_root_itself_is_not_one_for_receipts()
    {
        Assert.Equal(AppleRefusal.NotToRoot, Refused(Verify(Authority.Sign(Transaction(), [Authority.LeafOfRoot, Authority.Intermediate, Authority.Certificates[2]]))));
    }

    [Fact]
    public void Certificates_in_another_order_are_refused()
    {
        Assert.Equal(AppleRefusal.IntermediateNotCa, Refused(Verify(Authority.Sign(Transaction(), [Authority.Intermediate, Authority.Leaf, Authority.Certificates[2]]))));
        Assert.Equal(AppleRefusal.IntermediateNotMarked, Refused(Verify(Authority.Sign(Transaction(), [Authority.Leaf, Authority.Certificates[2], Authority.Intermediate]))));
    }

    [Theory]
    [InlineData(null, ChainSpec.IntermediateMarker, AppleRefusal.LeafNotMarked)]
    [InlineData("1.2.840.113635.100.6.2.2", ChainSpec.IntermediateMarker, AppleRefusal.LeafNotMarked)]
    [InlineData(ChainSpec.IntermediateMarker, ChainSpec.IntermediateMarker, AppleRefusal.LeafNotMarked)]
    [InlineData(ChainSpec.LeafMarker, null, AppleRefusal.IntermediateNotMarked)]
    [InlineData(ChainSpec.LeafMarker, "1.2.840.113635.100.6.2.2", AppleRefusal.IntermediateNotMarked)]
    [InlineData(ChainSpec.LeafMarker, ChainSpec.LeafMarker, AppleRefusal.IntermediateNotMarked)]
    public void Certificates_of_Apple_for_something_else_sign_no_receipts(string? leaf, string? intermediate, AppleRefusal refusal) =>
        Assert.Equal(refusal, Of(new ChainSpec { Leaf = leaf, Intermediate = intermediate }));

    [Fact]
    public void A_developers_certificate_issues_no_others() => Assert.Equal(AppleRefusal.IntermediateNotCa, Of(new ChainSpec { IntermediateIsCa = false }));

    [Fact]
    public void A_key_of_another_curve_is_refused() => Assert.Equal(AppleRefusal.OtherKey, Of(new ChainSpec { LeafCurve = ECCurve.NamedCurves.nistP384 }));

    [Fact]
    public void There_are_exactly_three_certificates()
    {
        string[] all = Authority.Certificates;
        foreach (var certificates in (string[][])[[], [all[0]], [all[0], all[1]], [.. all, all[2]], [.. all, .. all]])
        {
            Assert.Equal(AppleRefusal.OtherCertificateCount, Refused(Verify(Authority.Sign(Transaction(), certificates))));
        }
        Assert.Equal(AppleRefusal.OtherCertificateCount, Refused(Verify(Authority.Sign(Transaction().ToJsonString(), """{"alg":"ES256"}"""))));
        Assert.Equal(AppleRefusal.OtherCertificateCount, Refused(Verify(Authority.Sign(Transaction().ToJsonString(), """{"alg":"ES256","x5c":"abc"}"""))));
        Assert.Equal(AppleRefusal.OtherCertificateCount, Refused(Verify(Authority.Sign(Transaction().ToJsonString(), """{"alg":"ES256","x5c":null}"""))));
    }

    [Fact]
    public void A_certificate_is_DER_in_strict_base64()
    {
        var der = Convert.FromBase64String(Authority.Leaf);
        var pem = $"-----BEGIN CERTIFICATE-----\n{Authority.Leaf}\n-----END CERTIFICATE-----\n";
        string[] others =
        [
            "", "A", "AAAA", "é", $" {Authority.Leaf}", $"{Authority.Leaf}\n", Authority.Leaf.TrimEnd('='), Base64Url.EncodeToString(der), Convert.ToBase64String([.. der, 0]), Convert.ToBase64String(der[..^1]),
            Convert.ToBase64String(Encoding.ASCII.GetBytes(pem)), pem,
        ];
        foreach (var leaf in others.Where(text => text != Authority.Leaf))
        {
            Assert.Equal(AppleRefusal.CertificateUnreadable, Refused(Verify(Authority.Sign(Transaction(), [leaf, Authority.Intermediate, Authority.Certificates[2]]))));
        }
        foreach (var element in (string[])["null", "1", "{}", "[]", "\"\\ud800\""])
        {
            var header = $$"""{"alg":"ES256","x5c":[{{element}},"{{Authority.Intermediate}}","{{Authority.Certificates[2]}}"]}""";
            Assert.Equal(AppleRefusal.CertificateUnreadable, Refused(Verify(Authority.Sign(Transaction().ToJsonString(), header))));
        }
    }

    [Fact]
    public void Certificates_must_have_been_valid_when_it_was_signed()
    {
        Assert.Equal(AppleRefusal.CertificateNotValidThen, Of(new ChainSpec { LeafValid = "2025-01-01/2026-11-01" }));
        Assert.Equal(AppleRefusal.CertificateNotValidThen, Of(new ChainSpec { LeafValid = "2026-11-23/2027-11-01" }));
        Assert.Equal(AppleRefusal.CertificateNotValidThen, Of(new ChainSpec { IntermediateValid = "2021-01-01/2026-11-01" }));
        Assert.Equal(AppleRefusal.CertificateNotValidThen, Of(new ChainSpec { IntermediateValid = "2026-11-23/2036-11-01" }));
        Assert.Equal(AppleRefusal.CertificateNotValidThen, Of(new ChainSpec { RootValid = "2014-01-01/2026-11-01" }));
        Assert.Equal(AppleRefusal.CertificateNotValidThen, Of(new ChainSpec { RootValid = "2026-11-23/2036-11-01" }));
    }

    [Fact]
    public void What_was_signed_in_time_counts_after_the_certificates_end()
    {
        using var past = new AppleAuthority(new ChainSpec { LeafValid = "2023-01-01/2025-01-01", IntermediateValid = "2021-01-01/2025-01-01", RootValid = "2014-01-01/2025-01-01" });
        var app = App with { Root = past.Root };
        var signedAt = AppleAuthority.At("2024-06-01");
        Assert.Equal(signedAt, Accepted(Verify(past.Sign(Transaction(("signedDate", signedAt.ToUnixTimeMilliseconds()))), app)).AsOf);
        Assert.Equal(AppleRefusal.CertificateNotValidThen, Refused(Verify(past.Sign(Transaction()), app)));
    }

    [Theory]
    [InlineData("2025-09-18T23:58:59Z", false)]
    [InlineData("2025-09-18T23:59:00Z", true)]
    [InlineData("2026-10-13T00:01:00Z", true)]
    [InlineData("2026-10-13T00:01:01Z", false)]
    public void Clocks_may_be_a_minute_apart(string signedAt, bool isAccepted)
    {
        using var authority = new AppleAuthority(new ChainSpec { LeafValid = "2025-09-19/2026-10-13" });
        var result = Verify(authority.Sign(Transaction(("signedDate", AppleAuthority.At(signedAt).ToUnixTimeMilliseconds()))), App with { Root = authority.Root });
        if (isAccepted)
        {
            Accepted(result);
        }
        else
        {
            Assert.Equal(AppleRefusal.CertificateNotValidThen, Refused(result));
        }
    }

    [Fact]
    public void What_is_signed_in_the_future_is_refused()
    {
        Accepted(("signedDate", (Now + AppleVerifier.MaxAhead).ToUnixTimeMilliseconds()));
        Assert.Equal(AppleRefusal.SignedInFuture, Refused(("signedDate", (Now + AppleVerifier.MaxAhead).ToUnixTimeMilliseconds() + 1)));
        Assert.Equal(AppleRefusal.SignedInFuture, Refused(("signedDate", DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())));
    }

    [Fact]
    public void It_must_say_when_it_was_signed()
    {
        Assert.Equal(AppleRefusal.NoSignedDate, Refused(("signedDate", null)));
        foreach (var other in (JsonNode[])["1", -1, long.MaxValue, long.MinValue, 1.5, true, new JsonObject()])
        {
            Assert.Equal(AppleRefusal.PayloadUnreadable, Refused(("signedDate", other)));
        }
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("RS256")]
    [InlineData("HS256")]
    [InlineData("ES384")]
    [InlineData("es256")]
    [InlineData("")]
    public void Another_algorithm_is_refused(string algorithm)
    {
        var jws = Authority.Sign(Transaction().ToJsonString(), AppleAuthority.Header(Authority.Certificates, algorithm));
        Assert.Equal(AppleRefusal.OtherAlgorithm, Refused(Verify(jws)));
    }

    [Fact]
    public void An_algorithm_that_is_missing_or_no_text_is_refused()
    {
        foreach (var header in (string[])["{}", """{"alg":null}""", """{"alg":1}""", """{"alg":["ES256"]}""", """{"ALG":"ES256"}"""])
        {
            Assert.Equal(AppleRefusal.OtherAlgorithm, Refused(Verify(Authority.Sign(Transaction().ToJsonString(), header))));
        }
    }

    [Fact]
    public void Nothing_is_signed_by_the_algorithm_none()
    {
        var content = $"{AppleAuthority.Encode(AppleAuthority.Header(Authority.Certificates, "none"))}.{AppleAuthority.Encode(Transaction().ToJsonString())}";
        Assert.Equal(AppleRefusal.NotCompactJws, Refused(Verify($"{content}.")));
        Assert.Equal(AppleRefusal.OtherAlgorithm, Refused(Verify($"{content}.AAAA")));
    }

    [Fact]
    public void A_signature_in_DER_is_refused()
    {
        var header = AppleAuthority.Header(Authority.Certificates);
        Accepted(Verify(Authority.Sign(Transaction().ToJsonString(), header)));
        Assert.Equal(AppleRefusal.SignatureWrong, Refused(Verify(Authority.Sign(Transaction().ToJsonString(), header, DSASignatureFormat.Rfc3279DerSequence))));
    }

    [Fact]
    public void The_signature_is_of_header_and_content()
    {
        var one = Authority.Sign(Transaction()).Split('.');
        var other = Authority.Sign(Transaction(("productId", "premium.yearly"))).Split('.');
        Assert.Equal(AppleRefusal.SignatureWrong, Refused(Verify($"{one[0]}.{one[1]}.{other[2]}")));
        Assert.Equal(AppleRefusal.SignatureWrong, Refused(Verify($"{one[0]}.{other[1]}.{one[2]}")));
        var again = AppleAuthority.Encode(AppleAuthority.Header([Authority.Leaf, Authority.Intermediate, Authority.RootAgain]));
        Assert.Equal(AppleRefusal.SignatureWrong, Refused(Verify($"{again}.{one[1]}.{one[2]}")));
        Assert.Equal(AppleRefusal.SignatureWrong, Refused(Verify($"{one[0]}.{one[1]}.{Base64Url.EncodeToString(new byte[64])}")));
        Assert.Equal(AppleRefusal.SignatureWrong, Refused(Verify($"{one[0]}.{one[1]}.AA")));
    }

    [Fact]
    public void A_header_that_asks_for_more_is_refused()
    {
        var header = JsonNode.Parse(AppleAuthority.Header(Authority.Certificates))!.AsObject();
        header["crit"] = new JsonArray("b64");
        header["b64"] = false;
        Assert.Equal(AppleRefusal.HeaderUnreadable, Refused(Verify(Authority.Sign(Transaction().ToJsonString(), header.ToJsonString()))));
    }

    [Fact]
    public void Json_is_read_strictly()
    {
        var header = AppleAuthority.Header(Authority.Certificates);
        var payload = Transaction().ToJsonString();
        var deep = new string('[', 5000) + new string(']', 5000);
        foreach (var other in (string[])["null", "[]", "\"a\"", "{", "{}{}", """{"a":1,"a":1}""", """{"a":1,"\u0061":1}""", """{"\ud800":1}""", """{"a":1,}""", "/**/{}", $$"""{"a":{{deep}}}"""])
        {
            Assert.Equal(AppleRefusal.PayloadUnreadable, Refused(Verify(Authority.Sign(other, header))));
            Assert.Equal(AppleRefusal.HeaderUnreadable, Refused(Verify(Authority.Sign(payload, other))));
        }
        // Who reads the first of two and who reads the last would read different things.
        Assert.Equal(AppleRefusal.PayloadUnreadable, Refused(Verify(Authority.Sign(payload[..^1] + ""","bundleId":"org.example.app"}""", header))));
        Assert.Equal(AppleRefusal.HeaderUnreadable, Refused(Verify(Authority.Sign(payload, header[..^1] + ""","alg":"ES256"}"""))));
        var parts = Authority.Sign(Transaction()).Split('.');
        Assert.Equal(AppleRefusal.PayloadUnreadable, Refused(Verify($"{parts[0]}.{Base64Url.EncodeToString([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}'])}.{parts[2]}")));
    }

    [Fact]
    public void It_has_three_parts_in_strict_base64url()
    {
        var good = Authority.Sign(Transaction());
        var parts = good.Split('.');
        string[] others =
        [
            "", ".", "..", "...", "a", parts[0], $"{parts[0]}.{parts[1]}", $"{good}.", $".{good}", $"{good}.{parts[2]}", $"{parts[0]}..{parts[2]}", $"{good}=", $"{good} ", $" {good}", $"{good}\n",
            good.Replace('.', ' '), $"{parts[0]}.{parts[1]}.{parts[2][..^1]}", $"{parts[0]}.{parts[1]}.é", $"{parts[0]}.{parts[1]}.{parts[2][..^2]}==",
        ];
        foreach (var other in others)
        {
            Assert.Equal(AppleRefusal.NotCompactJws, Refused(Verify(other)));
        }
    }

    [Fact]
    public void Bits_that_stand_for_nothing_are_refused()
    {
        for (var size = 1; size <= 3; size++)
        {
            var parts = Authority.Sign(Transaction(("more", new string('x', size)))).Split('.');
            Accepted(Verify(string.Join('.', parts)));
            // 64 bytes leave four of them, and of three sizes one leaves two, one four and one none.
            Assert.Equal(AppleRefusal.NotCompactJws, Refused(Verify($"{parts[0]}.{parts[1]}.{Stray(parts[2])}")));
            if (parts[1].Length % 4 != 0)
            {
                Assert.Equal(AppleRefusal.NotCompactJws, Refused(Verify($"{parts[0]}.{Stray(parts[1])}.{parts[2]}")));
            }
        }
    }

    [Fact]
    public void It_is_no_longer_than_64_KiB()
    {
        var good = Authority.Sign(Transaction());
        var room = AppleVerifier.MaxLength - good.Length;
        Accepted(Verify(Authority.Sign(Transaction(("more", new string('x', room * 3 / 4 - 20))))));
        var large = Authority.Sign(Transaction(("more", new string('x', room * 3 / 4 + 20))));
        Assert.True(large.Length > AppleVerifier.MaxLength);
        Assert.Equal(AppleRefusal.TooLarge, Refused(Verify(large)));
        Assert.Equal(AppleRefusal.TooLarge, Refused(Verify(new string('a', 1_000_000))));
    }

    [Fact]
    public void Nothing_is_fetched_from_where_a_certificate_says_its_issuer_is()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var authority = new AppleAuthority(new ChainSpec { LeafNamesIntermediate = false, LeafIssuerUrl = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/issuer.cer" });
        Assert.Equal(AppleRefusal.NotToRoot, Refused(Verify(authority.Sign(Transaction()), App with { Root = authority.Root })));
        Assert.False(listener.Pending());
    }

    [Fact]
    public void Every_refusal_has_words_of_its_own() =>
        Assert.Equal(Enum.GetValues<AppleRefusal>().Length, Enum.GetValues<AppleRefusal>().Select(refusal => refusal.Sentence()).Distinct().Count());

    private AppleRefusal Of(ChainSpec spec)
    {
        using var authority = new AppleAuthority(spec);
        return Refused(Verify(authority.Sign(Transaction()), App with { Root = authority.Root }));
    }

    /// <summary>The same bytes, spelled with a bit that stands for nothing, where there is one.</summary>
    private static string Stray(string text) => text[..^1] + (char)(text[^1] + 1);
}

using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Mimu.Core.Push;
using Mimu.Core.Tests.Sessions;
using Xunit;

namespace Mimu.Core.Tests.Push;

public sealed class ProviderTokenTests
{
    private static readonly DateTimeOffset _now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public void Apple_s_has_the_key_the_team_and_the_time_and_no_end()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var token = ProviderToken.ForApns(key, "ABC123DEFG", "DEF123GHIJ", _now);
        var (header, claims) = Jwt.Open(token);
        Assert.Equal("""{"alg":"ES256","kid":"ABC123DEFG"}""", header.ToJsonString());
        Assert.Equal("""{"iss":"DEF123GHIJ","iat":1800000000}""", claims.ToJsonString());
        var (content, signature) = Split(token);
        Assert.True(key.VerifyData(content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }

    [Fact]
    public void Google_s_is_good_for_an_hour()
    {
        using var key = RSA.Create(2048);
        var token = ProviderToken.ForGoogle(key, "k1", "a@b", "https://scope", "https://token", _now);
        var (header, claims) = Jwt.Open(token);
        Assert.Equal("""{"alg":"RS256","typ":"JWT","kid":"k1"}""", header.ToJsonString());
        Assert.Equal("""{"iss":"a@b","scope":"https://scope","aud":"https://token","iat":1800000000,"exp":1800003600}""", claims.ToJsonString());
        var (content, signature) = Split(token);
        Assert.True(key.VerifyData(content, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    private static (byte[] Content, byte[] Signature) Split(string token)
    {
        var dot = token.LastIndexOf('.');
        return (Encoding.ASCII.GetBytes(token[..dot]), Base64Url.DecodeFromChars(token.AsSpan(dot + 1)));
    }
}

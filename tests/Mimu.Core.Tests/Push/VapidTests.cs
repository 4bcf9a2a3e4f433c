using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using Mimu.Core.Push;
using Mimu.Core.Tests.Sessions;
using Xunit;

namespace Mimu.Core.Tests.Push;

public sealed class VapidTests : IDisposable
{
    private static readonly Uri _endpoint = new("https://push.example.org/send/abc?x=1");
    private readonly FakeTimeProvider _clock = new(DateTimeOffset.Parse("2026-11-22T10:00:00Z", System.Globalization.CultureInfo.InvariantCulture));
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly Vapid _vapid;

    public VapidTests() => _vapid = new Vapid(_key, "mailto:admin@example.org", _clock);

    public void Dispose() => _vapid.Dispose();

    [Fact]
    public void The_token_is_what_RFC_8292_asks_for()
    {
        var (token, key) = Parts(_vapid.Authorize(_endpoint));
        Assert.Equal(_vapid.PublicKey, key);
        Assert.Equal(87, key.Length);
        Verify(token, key);
        var (header, claims) = Jwt.Open(token);
        Assert.Equal("""{"alg":"ES256","typ":"JWT"}""", header.ToJsonString());
        Assert.Equal(3, claims.Count);
        Assert.Equal("https://push.example.org", (string)claims["aud"]!);
        Assert.Equal("mailto:admin@example.org", (string)claims["sub"]!);
        Assert.Equal((_clock.GetUtcNow() + TimeSpan.FromHours(12)).ToUnixTimeSeconds(), (long)claims["exp"]!);
    }

    [Theory]
    [InlineData("https://push.example.org:443/a", "https://push.example.org")]
    [InlineData("https://PUSH.example.org:8443/a", "https://push.example.org:8443")]
    [InlineData("http://127.0.0.1:5000/a", "http://127.0.0.1:5000")]
    [InlineData("https://[2606:4700::1]/a", "https://[2606:4700::1]")]
    public void The_audience_is_the_origin(string endpoint, string audience) =>
        Assert.Equal(audience, (string)Jwt.Open(Parts(_vapid.Authorize(new Uri(endpoint))).Token).Payload["aud"]!);

    [Fact]
    public void Without_a_contact_there_is_no_sub()
    {
        using var vapid = new Vapid(ECDsa.Create(ECCurve.NamedCurves.nistP256), "", _clock);
        Assert.False(Jwt.Open(Parts(vapid.Authorize(_endpoint)).Token).Payload.ContainsKey("sub"));
    }

    [Fact]
    public void A_service_is_told_the_same_until_an_hour_before_its_end()
    {
        var first = _vapid.Authorize(_endpoint);
        _clock.Advance(TimeSpan.FromHours(11) - TimeSpan.FromSeconds(1));
        Assert.Equal(first, _vapid.Authorize(new Uri(_endpoint, "/other")));
        _clock.Advance(TimeSpan.FromSeconds(1));
        var second = _vapid.Authorize(_endpoint);
        Assert.NotEqual(first, second);
        Assert.Equal(second, _vapid.Authorize(_endpoint));
        _vapid.Forget(_endpoint);
        // Signatures by ECDSA are never the same twice.
        Assert.NotEqual(second, _vapid.Authorize(_endpoint));
    }

    [Fact]
    public void A_clock_that_was_far_ahead_is_not_felt_for_long()
    {
        _clock.Advance(TimeSpan.FromDays(2));
        var ahead = _vapid.Authorize(_endpoint);
        _clock.AdjustTime(_clock.GetUtcNow() - TimeSpan.FromDays(2));
        Assert.NotEqual(ahead, _vapid.Authorize(_endpoint));
    }

    internal static (string Token, string Key) Parts(string authorization)
    {
        Assert.StartsWith("vapid t=", authorization, StringComparison.Ordinal);
        var parts = authorization["vapid t=".Length..].Split(", k=");
        return (parts[0], parts[1]);
    }

    private static void Verify(string token, string key)
    {
        var point = Base64Url.DecodeFromChars(key);
        using var verifier = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = point[1..33], Y = point[33..] } });
        var dot = token.LastIndexOf('.');
        var signature = Base64Url.DecodeFromChars(token.AsSpan(dot + 1));
        Assert.Equal(64, signature.Length);
        Assert.True(verifier.VerifyData(Encoding.ASCII.GetBytes(token[..dot]), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
    }
}

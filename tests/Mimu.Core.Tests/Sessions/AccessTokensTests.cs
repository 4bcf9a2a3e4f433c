using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Mimu.Core.Sessions;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests.Sessions;

public sealed class AccessTokensTests
{
    private static readonly TokenKey _key = new("2026-11", RandomNumberGenerator.GetBytes(32));

    /// <summary>A whole second, which is what a token can tell.</summary>
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 18, 50, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _clock = new(_now);
    private readonly Session _session = Sample.Session(Ids.NewUserId(), deviceId: 5);
    private readonly AccessTokens _tokens;

    public AccessTokensTests() => _tokens = With(_key);

    [Fact]
    public async Task A_token_says_whose_it_is_and_until_when()
    {
        var read = await _tokens.ReadAsync(_tokens.Issue(_session, _now));

        Assert.Equal(new AccessToken(_session.ToCaller(), _now.AddMinutes(15)), read.Value);
    }

    [Fact]
    public void A_token_has_the_claims_of_the_protocol()
    {
        var (header, payload) = Jwt.Open(_tokens.Issue(_session, _now.AddMilliseconds(789)));

        Assert.Equal("""{"alg":"HS256","kid":"2026-11","typ":"JWT"}""", Sorted(header));
        Assert.True(Guid.TryParse(payload["jti"]?.GetValue<string>(), out _));
        payload["jti"] = "a name of its own";
        Assert.Equal(
            $$"""{"aud":"https://mimu.example","did":5,"exp":1795374300,"iat":1795373400,"iss":"https://mimu.example","jti":"a name of its own","sid":"{{_session.Id}}","sub":"{{_session.UserId}}"}""",
            Sorted(payload));
    }

    [Fact]
    public void No_two_tokens_are_the_same() => Assert.NotEqual(_tokens.Issue(_session, _now), _tokens.Issue(_session, _now));

    [Fact]
    public async Task A_token_made_by_hand_is_as_good_as_one_made_by_the_server() =>
        // Or the forgeries below would be refused for another reason than theirs.
        Assert.True((await _tokens.ReadAsync(Forge())).IsOk);

    [Fact]
    public async Task A_token_signed_by_another_key_is_refused() => await AssertRefusedAsync(Forge(secret: RandomNumberGenerator.GetBytes(32)));

    [Fact]
    public async Task A_token_whose_claims_were_changed_is_refused()
    {
        var parts = Forge().Split('.');
        var other = Forge(payload: payload => payload["sub"] = Ids.NewUserId().ToString()).Split('.');

        await AssertRefusedAsync($"{parts[0]}.{other[1]}.{parts[2]}");
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("nOnE")]
    [InlineData("")]
    public async Task A_token_without_a_signature_is_refused(string algorithm)
    {
        var unsigned = Jwt.SignBy(Header(algorithm), Payload(), _ => []);

        await AssertRefusedAsync(unsigned);
        await AssertRefusedAsync(unsigned.TrimEnd('.'));
        await AssertRefusedAsync(Jwt.Sign(Header(algorithm), Payload(), _key.Secret));
    }

    [Fact]
    public async Task Only_one_algorithm_is_accepted_even_with_the_right_key()
    {
        await AssertRefusedAsync(Jwt.SignBy(Header("HS384"), Payload(), data => HMACSHA384.HashData(_key.Secret, data)));
        await AssertRefusedAsync(Jwt.SignBy(Header("HS512"), Payload(), data => HMACSHA512.HashData(_key.Secret, data)));
        using var rsa = RSA.Create(2048);
        await AssertRefusedAsync(Jwt.SignBy(Header("RS256"), Payload(), data => rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
        await AssertRefusedAsync(Jwt.Sign(Header("RS256"), Payload(), _key.Secret));
        await AssertRefusedAsync(Jwt.Sign(Header("hs256"), Payload(), _key.Secret));
    }

    [Fact]
    public async Task A_longer_key_makes_no_other_algorithm_good()
    {
        var key = new TokenKey("long", RandomNumberGenerator.GetBytes(64));
        var header = Header("HS512");
        header["kid"] = key.Id;
        var token = Jwt.SignBy(header, Payload(), data => HMACSHA512.HashData(key.Secret, data));

        Assert.Equal("unauthorized", (await With(key).ReadAsync(token)).Error?.Code);
    }

    [Theory]
    [InlineData("iss", "https://other.example")]
    [InlineData("aud", "https://other.example")]
    [InlineData("iss", "https://mimu.example/")]
    [InlineData("aud", "")]
    [InlineData("iss", "")]
    [InlineData("sub", "0190A5B0-1C2D-4E3F-8A9B-0C1D2E3F4A5B")]
    [InlineData("sub", "alice")]
    [InlineData("sid", "1")]
    [InlineData("did", "the fifth")]
    public async Task A_token_with_another_value_is_refused(string claim, string value) =>
        await AssertRefusedAsync(Forge(payload: payload => payload[claim] = value));

    [Theory]
    [InlineData("iss")]
    [InlineData("aud")]
    [InlineData("sub")]
    [InlineData("sid")]
    [InlineData("did")]
    [InlineData("iat")]
    [InlineData("jti")]
    public async Task A_token_that_lacks_a_claim_is_refused(string claim) => await AssertRefusedAsync(Forge(payload: payload => payload.Remove(claim)));

    [Fact]
    public async Task A_token_that_never_expires_is_refused() =>
        Assert.False((await _tokens.ReadAsync(Forge(payload: payload => payload.Remove("exp")))).IsOk);

    [Theory]
    [InlineData(0, true)]
    [InlineData(60, true)]
    [InlineData(61, false)]
    [InlineData(100_000, false)]
    public async Task A_token_from_the_future_is_good_within_the_tolerance_of_clocks(int seconds, bool isGood)
    {
        var read = await _tokens.ReadAsync(Forge(payload: payload =>
        {
            payload["iat"] = _now.AddSeconds(seconds).ToUnixTimeSeconds();
            payload["exp"] = _now.AddSeconds(seconds + 900).ToUnixTimeSeconds();
        }));

        Assert.Equal(isGood ? null : "unauthorized", read.Error?.Code);
    }

    [Fact]
    public async Task A_token_is_good_until_its_second_comes_and_then_it_has_expired()
    {
        var token = _tokens.Issue(_session, _now);

        _clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromMilliseconds(1));
        Assert.True((await _tokens.ReadAsync(token)).IsOk);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Same(Errors.TokenExpired, (await _tokens.ReadAsync(token)).Error);
    }

    [Fact]
    public async Task A_forged_token_that_has_expired_is_forged_and_not_expired()
    {
        var token = Forge(secret: RandomNumberGenerator.GetBytes(32));
        _clock.Advance(TimeSpan.FromDays(1));

        await AssertRefusedAsync(token);
    }

    [Fact]
    public async Task When_keys_change_the_last_one_signs_and_all_of_them_are_good()
    {
        var next = new TokenKey("2026-12", RandomNumberGenerator.GetBytes(32));
        var (before, both, after) = (With(_key), With(_key, next), With(next));

        var (old, fresh) = (before.Issue(_session, _now), both.Issue(_session, _now));

        Assert.Equal("2026-12", Jwt.Open(fresh).Header["kid"]?.GetValue<string>());
        Assert.True((await both.ReadAsync(old)).IsOk);
        Assert.True((await both.ReadAsync(fresh)).IsOk);
        Assert.True((await after.ReadAsync(fresh)).IsOk);
        Assert.Equal("unauthorized", (await after.ReadAsync(old)).Error?.Code);
        Assert.Equal("unauthorized", (await before.ReadAsync(fresh)).Error?.Code);
    }

    [Fact]
    public async Task Other_keys_are_in_force_at_once_also_for_tokens_that_were_read_before()
    {
        var token = _tokens.Issue(_session, _now);
        Assert.True((await _tokens.ReadAsync(token)).IsOk);

        _tokens.UseKeys([new TokenKey("2026-12", RandomNumberGenerator.GetBytes(32))]);

        await AssertRefusedAsync(token);
        Assert.True((await _tokens.ReadAsync(_tokens.Issue(_session, _now))).IsOk);
    }

    [Fact]
    public async Task A_key_that_was_retired_makes_no_token_that_outlives_its_own()
    {
        var tokens = With(_key with { RetiredAt = _now }, new TokenKey("2026-12", RandomNumberGenerator.GetBytes(32)));
        var lifetime = World.Strict.AccessTokenLifetime;

        Assert.True((await tokens.ReadAsync(Forge(payload: payload => payload["exp"] = (_now + lifetime).ToUnixTimeSeconds()))).IsOk);
        // Somebody has the key and makes a token of today with it.
        Assert.Equal("unauthorized",
            (await tokens.ReadAsync(Forge(payload: payload => payload["exp"] = (_now + lifetime).AddSeconds(2).ToUnixTimeSeconds()))).Error?.Code);
    }

    [Fact]
    public void A_retired_key_is_of_use_until_its_last_token_has_expired()
    {
        var (present, retired) = (_key, _key with { RetiredAt = _now });
        var lifetime = World.Strict.AccessTokenLifetime;

        Assert.True(present.IsOfUse(_now.AddYears(9), lifetime));
        Assert.True(retired.IsOfUse(_now + lifetime, lifetime));
        Assert.False(retired.IsOfUse(_now + lifetime + TimeSpan.FromSeconds(2), lifetime));
    }

    [Fact]
    public async Task What_was_refused_once_is_refused_again_and_what_was_good_is_the_same_again()
    {
        var (good, bad) = (Forge(), Forge(secret: RandomNumberGenerator.GetBytes(32)));

        Assert.Equal((await _tokens.ReadAsync(good)).Value, (await _tokens.ReadAsync(good)).Value);
        await AssertRefusedAsync(bad);
        await AssertRefusedAsync(bad);
        await AssertRefusedAsync(good + "A");
        await AssertRefusedAsync(good[..^1]);
    }

    [Fact]
    public async Task A_key_is_looked_for_under_its_own_name_alone()
    {
        var next = new TokenKey("2026-12", RandomNumberGenerator.GetBytes(32));
        var both = With(_key, next);

        Assert.False((await both.ReadAsync(Forge(header: header => header["kid"] = "2026-12"))).IsOk);
        Assert.False((await both.ReadAsync(Forge(header: header => header["kid"] = "unknown"))).IsOk);
        Assert.False((await both.ReadAsync(Forge(header: header => header.Remove("kid")))).IsOk);
        Assert.True((await both.ReadAsync(Forge())).IsOk);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("....")]
    [InlineData("a.b.c")]
    [InlineData("not a token")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.bm90IGpzb24.AAAA")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.W10.AAAA")]
    public async Task What_is_no_token_is_refused(string text) => await AssertRefusedAsync(text);

    [Fact]
    public async Task What_is_endless_is_refused() => await AssertRefusedAsync(Forge(payload: payload => payload["more"] = new string('a', 1_000_000)));

    private AccessTokens With(params TokenKey[] keys) => new(keys, World.Strict, _clock);

    private async Task AssertRefusedAsync(string token) => Assert.Equal("unauthorized", (await _tokens.ReadAsync(token)).Error?.Code);

    /// <summary>A good token, but for what the test does to it.</summary>
    private string Forge(Action<JsonObject>? header = null, Action<JsonObject>? payload = null, byte[]? secret = null)
    {
        var (head, body) = (Header("HS256"), Payload());
        header?.Invoke(head);
        payload?.Invoke(body);
        return Jwt.Sign(head, body, secret ?? _key.Secret);
    }

    private static JsonObject Header(string algorithm) => new() { ["alg"] = algorithm, ["kid"] = _key.Id, ["typ"] = "JWT" };

    private JsonObject Payload() => Jwt.Open(_tokens.Issue(_session, _now)).Payload;

    private static string Sorted(JsonObject json) => new JsonObject(json.OrderBy(member => member.Key, StringComparer.Ordinal)
        .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))).ToJsonString();
}

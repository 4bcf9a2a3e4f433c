using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Auth;

/// <summary>Protocol 2.4: which access tokens are good.</summary>
public class AccessTokenTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task An_access_token_says_what_the_protocol_names()
    {
        var alice = await host.RegisterAsync("alice");
        var token = Forgery.Of(host, alice.AccessToken);
        Assert.Equal("HS256", (string?)token.Header["alg"]);
        Assert.NotEmpty((string)token.Header["kid"]!);
        Assert.Equal(["aud", "did", "exp", "iat", "iss", "jti", "sid", "sub"], token.Claims.Select(claim => claim.Key).Order(StringComparer.Ordinal));
        Assert.Equal(alice.UserId, (string?)token.Claims["sub"]);
        Assert.Equal(alice.SessionId, (string?)token.Claims["sid"]);
        Assert.Equal(1, (int?)token.Claims["did"]);
        Assert.Equal(host.Clock.GetUtcNow().ToUnixTimeSeconds(), (long?)token.Claims["iat"]);
        Assert.Equal((long)token.Claims["iat"]! + 900, (long?)token.Claims["exp"]);
        // The same token put together by hand is good, so that what is refused below is refused for its fault alone.
        await ExpectGoodAsync(token.Sign());
    }

    [Fact]
    public async Task No_token_or_garbage_is_unauthorized()
    {
        var alice = await host.RegisterAsync("alice");
        await ExpectAsync(null, "unauthorized");
        foreach (var token in (string[])["", "garbage", "a.b.c", "..", alice.RefreshToken, alice.AccessToken + "A", alice.AccessToken[..^2], $"{alice.AccessToken}.a"])
        {
            await ExpectAsync(token, "unauthorized");
        }
    }

    [Fact]
    public async Task Another_scheme_two_headers_and_a_token_in_the_query_are_unauthorized()
    {
        var alice = await host.RegisterAsync("alice");
        (await WithHeadersAsync($"Basic {alice.AccessToken}")).ExpectProblem(401, "unauthorized");
        (await WithHeadersAsync(alice.AccessToken)).ExpectProblem(401, "unauthorized");
        (await WithHeadersAsync("Bearer")).ExpectProblem(401, "unauthorized");
        (await WithHeadersAsync($"Bearer {alice.AccessToken}", $"Bearer {alice.AccessToken}")).ExpectProblem(401, "unauthorized");
        (await host.Anonymous.GetAsync($"/api/v1/sync?token={alice.AccessToken}")).ExpectProblem(401, "unauthorized");
        // Schemes know no case (RFC 9110 section 11.1).
        (await WithHeadersAsync($"bearer {alice.AccessToken}")).Expect(200);

        Task<Answer> WithHeadersAsync(params string[] headers) => host.Anonymous.SendAsync(HttpMethod.Get, "/api/v1/sync", content: null,
            request => Assert.True(request.Headers.TryAddWithoutValidation("Authorization", headers)));
    }

    [Fact]
    public async Task A_forged_signature_is_unauthorized()
    {
        var token = Forgery.Of(host, (await host.RegisterAsync("alice")).AccessToken);
        await ExpectAsync(token.Sign((key, text) => HMACSHA256.HashData(key, text) is [.. var begin, var end] ? [.. begin, (byte)(end ^ 1)] : []), "unauthorized");
        token.Key = RandomNumberGenerator.GetBytes(32);
        await ExpectAsync(token.Sign(), "unauthorized");
        token.Key = [];
        await ExpectAsync(token.Sign(), "unauthorized");
    }

    [Fact]
    public async Task Claims_that_were_changed_are_unauthorized()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var parts = alice.AccessToken.Split('.');
        await ExpectAsync($"{parts[0]}.{bob.AccessToken.Split('.')[1]}.{parts[2]}", "unauthorized");
    }

    [Fact]
    public async Task Another_algorithm_is_unauthorized_even_with_the_right_key()
    {
        var token = Forgery.Of(host, (await host.RegisterAsync("alice")).AccessToken);
        token.Header["alg"] = "HS512";
        await ExpectAsync(token.Sign(HMACSHA512.HashData), "unauthorized");
        token.Header["alg"] = "HS384";
        await ExpectAsync(token.Sign(HMACSHA384.HashData), "unauthorized");
        foreach (var none in (string[])["none", "None", "NONE", "", "RS256", "ES256"])
        {
            token.Header["alg"] = none;
            await ExpectAsync(token.Sign((_, _) => []), "unauthorized");
            await ExpectAsync(token.Sign(), "unauthorized");
        }
        token.Header.Remove("alg");
        await ExpectAsync(token.Sign(), "unauthorized");
    }

    [Fact]
    public async Task Another_key_of_the_token_s_own_is_not_used()
    {
        var token = Forgery.Of(host, (await host.RegisterAsync("alice")).AccessToken);
        var kid = (string)token.Header["kid"]!;
        token.Header["kid"] = "0011223344556677";
        await ExpectAsync(token.Sign(), "unauthorized");
        token.Header.Remove("kid");
        await ExpectAsync(token.Sign(), "unauthorized");
        token.Header["kid"] = kid;
        var own = RandomNumberGenerator.GetBytes(32);
        token.Header["jwk"] = new JsonObject { ["kty"] = "oct", ["k"] = Base64Url.EncodeToString(own), ["kid"] = kid };
        token.Key = own;
        await ExpectAsync(token.Sign(), "unauthorized");
    }

    [Theory]
    [InlineData("iss", "\"somebody else\"")]
    [InlineData("aud", "\"somebody else\"")]
    [InlineData("iss", null)]
    [InlineData("aud", null)]
    [InlineData("sub", null)]
    [InlineData("sid", null)]
    [InlineData("did", null)]
    [InlineData("iat", null)]
    [InlineData("exp", null)]
    [InlineData("jti", null)]
    [InlineData("sub", "\"alice\"")]
    [InlineData("sid", "17")]
    [InlineData("did", "\"first\"")]
    [InlineData("exp", "\"never\"")]
    public async Task A_claim_that_is_missing_or_wrong_is_unauthorized(string claim, string? json)
    {
        var token = Forgery.Of(host, (await host.RegisterAsync("alice")).AccessToken);
        token.Claims.Remove(claim);
        if (json is not null)
        {
            token.Claims[claim] = JsonNode.Parse(json);
        }
        await ExpectAsync(token.Sign(), "unauthorized");
    }

    [Fact]
    public async Task A_token_from_the_future_is_unauthorized()
    {
        var token = Forgery.Of(host, (await host.RegisterAsync("alice")).AccessToken);
        token.Claims["iat"] = (long)token.Claims["iat"]! + 3600;
        token.Claims["exp"] = (long)token.Claims["exp"]! + 3600;
        await ExpectAsync(token.Sign(), "unauthorized");
    }

    [Fact]
    public async Task A_token_is_good_until_its_exp_and_then_expired()
    {
        var alice = await host.RegisterAsync("alice");
        // exp is in whole seconds; the clock stands a quarter behind one.
        host.Clock.Advance(TimeSpan.FromSeconds(900) - TimeSpan.FromMilliseconds(251));
        await ExpectGoodAsync(alice.AccessToken);
        host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await ExpectAsync(alice.AccessToken, "token_expired");
        await alice.RefreshAsync();
        await ExpectGoodAsync(alice.AccessToken);
        host.Clock.Advance(TimeSpan.FromMilliseconds(250));
    }

    [Fact]
    public async Task An_expired_token_is_told_only_if_it_was_good()
    {
        var token = Forgery.Of(host, (await host.RegisterAsync("alice")).AccessToken);
        token.Claims["exp"] = (long)token.Claims["iat"]! - 1;
        await ExpectAsync(token.Sign(), "token_expired");
        token.Key = RandomNumberGenerator.GetBytes(32);
        await ExpectAsync(token.Sign(), "unauthorized");
    }

    [Fact]
    public async Task A_session_that_never_was_has_ended()
    {
        var token = Forgery.Of(host, (await host.RegisterAsync("alice")).AccessToken);
        token.Claims["sid"] = Guid.CreateVersion7().ToString();
        await ExpectAsync(token.Sign(), "session_ended");
    }

    [Fact]
    public async Task Tokens_outlive_a_restart_and_keys_that_were_used_before()
    {
        var directory = Directory.CreateTempSubdirectory("mimu-host-").FullName;
        Person alice;
        await using (var first = await Host.Start(dataDirectory: directory))
        {
            alice = await first.RegisterAsync("alice");
        }
        var keys = Path.Combine(directory, "token-keys");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(keys));
        await File.AppendAllTextAsync(keys, $"feedfacefeedface {Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}\n");
        await using (var second = await Host.Start(dataDirectory: directory))
        {
            (await second.Anonymous.With(alice.AccessToken).GetAsync("/api/v1/sync")).Expect(200);
            var next = await second.RegisterAsync("bob");
            Assert.Equal("feedfacefeedface", (string?)Forgery.Decode(next.AccessToken.Split('.')[0])["kid"]);
        }
        Directory.Delete(directory, recursive: true);
    }

    private async Task ExpectAsync(string? token, string code) => (await host.Anonymous.With(token).GetAsync("/api/v1/sync")).ExpectProblem(401, code);

    private async Task ExpectGoodAsync(string token) => (await host.Anonymous.With(token).GetAsync("/api/v1/sync")).Expect(200);
}

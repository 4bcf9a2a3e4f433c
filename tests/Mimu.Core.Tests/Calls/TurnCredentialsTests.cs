using Microsoft.Extensions.Time.Testing;
using Mimu.Core.Calls;
using Xunit;

namespace Mimu.Core.Tests.Calls;

/// <summary>Protocol 9.1.</summary>
public class TurnCredentialsTests
{
    private static readonly Caller _alice = new(new UserId(Guid.Parse("4fcbb54e-92b2-4e79-b9e9-25ac8c1b4b5a")), new SessionId(Guid.Empty), 1);
    private static readonly TurnSettings _settings = new(["turn:turn.example.org:3478"], ["north", "south"], TimeSpan.FromHours(1), new byte[32]);

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000));

    /// <summary>Made with <c>openssl dgst -sha1 -hmac</c>, and taken by coturn 4.6.1.</summary>
    [Theory]
    [InlineData("1700000000:alice", "Cd/49soE35ICqcJF/bCTn8Z4OyE=")]
    [InlineData("1700000000", "CWyHi3zCeWqXBir9thl4m+iZPRY=")]
    public void The_password_is_the_one_that_coturn_expects(string username, string password) => Assert.Equal(password, TurnCredentials.PasswordOf(username, "north"));

    [Fact]
    public void The_name_tells_the_expiry_and_the_first_secret_signs()
    {
        var issued = new IssueTurnCredentials(_settings, _clock).Run(_alice).Value;
        Assert.Matches("^1700003600:[0-9a-f]{32}$", issued.Credentials.Username);
        Assert.Equal(TurnCredentials.PasswordOf(issued.Credentials.Username, "north"), issued.Credentials.Password);
        Assert.Equal((TimeSpan.FromHours(1), _settings.Uris), (issued.Lifetime, issued.Uris));
        Assert.DoesNotContain(issued.Credentials.Password, issued.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_pseudonym_stays_when_the_secrets_change_and_tells_neither_the_user_nor_anything_to_who_lacks_the_key()
    {
        var pseudonym = PseudonymOf(_alice, _settings);
        _clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal(pseudonym, PseudonymOf(_alice, _settings with { Secrets = ["new", "north"] }));
        Assert.NotEqual(pseudonym, PseudonymOf(_alice with { UserId = new UserId(Guid.Parse("4fcbb54e-92b2-4e79-b9e9-25ac8c1b4b5b")) }, _settings));
        Assert.NotEqual(pseudonym, PseudonymOf(_alice, _settings with { PseudonymKey = Enumerable.Repeat((byte)1, 32).ToArray() }));
        Assert.NotEqual(_alice.UserId.Value.ToString("N"), pseudonym);
    }

    [Theory]
    [InlineData("turn:turn.example.org", "")]
    [InlineData("", "north")]
    [InlineData("turn:turn.example.org", "\n\r\n")]
    public void Without_servers_or_secrets_calls_are_not_configured(string uri, string secrets)
    {
        var settings = _settings with { Uris = uri.Length > 0 ? [uri] : [], Secrets = TurnSettings.ReadSecrets(secrets) };
        Assert.Equal("calls_not_configured", new IssueTurnCredentials(settings, _clock).Run(_alice).Error!.Code);
    }

    [Theory]
    [InlineData("north", "north")]
    [InlineData("north\nsouth", "north", "south")]
    [InlineData("north\r\n\r\nsouth\r\n", "north", "south")]
    [InlineData(" a, b ", " a, b ")]
    public void There_is_one_secret_a_line(string text, params string[] secrets) => Assert.Equal(secrets, TurnSettings.ReadSecrets(text));

    private string PseudonymOf(Caller caller, TurnSettings settings) => new IssueTurnCredentials(settings, _clock).Run(caller).Value.Credentials.Username.Split(':')[1];
}

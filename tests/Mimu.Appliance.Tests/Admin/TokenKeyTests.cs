using Microsoft.Extensions.DependencyInjection;
using Mimu.Appliance.Auth;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Admin;

/// <summary>Another key signs access tokens; nobody has to sign in again.</summary>
public class TokenKeyTests(ClockHost host) : IClassFixture<ClockHost>
{
    private string[] Lines => File.ReadAllLines(Path.Combine(host.DataDirectory, "token-keys"));

    [Fact]
    public async Task Old_tokens_stay_good_until_they_expire_and_then_their_key_goes()
    {
        var alice = await host.RegisterAsync("alice");
        var former = Lines[^1].Split(' ')[0];
        var keyId = (string?)(await CommandLine.Of(host).AskAsync("admin", "token-key", "rotate"))["key_id"];

        Assert.Equal(keyId, Lines[^1].Split(' ')[0]);
        var retired = Lines.Single(line => line.StartsWith(former, StringComparison.Ordinal)).Split(' ');
        Assert.Equal(host.Clock.GetUtcNow(), DateTimeOffset.Parse(retired[2], System.Globalization.CultureInfo.InvariantCulture));
        (await alice.Http.GetAsync("/api/v1/sync")).Expect(200);
        var old = alice.AccessToken;
        await alice.RefreshAsync();
        Assert.Equal(keyId, (string?)Forgery.Decode(alice.AccessToken.Split('.')[0])["kid"]);
        (await alice.Http.GetAsync("/api/v1/sync")).Expect(200);

        host.Clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        (await alice.Http.With(old).GetAsync("/api/v1/sync")).Expect(200);
        DropUseless();
        Assert.Contains(Lines, line => line.StartsWith(former, StringComparison.Ordinal));

        host.Clock.Advance(TimeSpan.FromSeconds(3));
        DropUseless();
        Assert.DoesNotContain(Lines, line => line.StartsWith(former, StringComparison.Ordinal));
        (await alice.Http.With(old).GetAsync("/api/v1/sync")).ExpectProblem(401, "unauthorized");
        await alice.RefreshAsync();
        (await alice.Http.GetAsync("/api/v1/sync")).Expect(200);
    }

    [Fact]
    public async Task Who_stole_a_retired_key_makes_no_tokens_that_outlive_it()
    {
        var alice = await host.RegisterAsync("alice");
        var forgery = Forgery.Of(host, alice.AccessToken);
        await CommandLine.Of(host).AskAsync("admin", "token-key", "rotate");
        (await alice.Http.With(forgery.Sign()).GetAsync("/api/v1/sync")).Expect(200);
        forgery.Claims["exp"] = host.Clock.GetUtcNow().ToUnixTimeSeconds() + (60 * 60);
        (await alice.Http.With(forgery.Sign()).GetAsync("/api/v1/sync")).ExpectProblem(401, "unauthorized");
    }

    [Fact]
    public async Task Keys_survive_a_restart_and_rotations_without_a_server()
    {
        var directory = Directory.CreateTempSubdirectory("mimu-keys-").FullName;
        Person alice;
        await using (var before = await Host.Start(dataDirectory: directory))
        {
            alice = await before.RegisterAsync("alice");
        }
        await new CommandLine(directory).AskAsync("admin", "token-key", "rotate");
        await new CommandLine(directory).AskAsync("admin", "token-key", "rotate");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(directory, "token-keys")));
        await using (var after = await Host.Start(dataDirectory: directory))
        {
            (await after.Anonymous.With(alice.AccessToken).GetAsync("/api/v1/sync")).Expect(200);
        }
        Directory.Delete(directory, recursive: true);
    }

    private void DropUseless() => host.Services.GetRequiredService<TokenKeys>().DropUseless();
}

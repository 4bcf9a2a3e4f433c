using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Admin;

/// <summary>Disabling accounts (protocol section 15).</summary>
public class UserTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task A_disabled_account_is_out_at_once_and_stays_out()
    {
        var alice = await host.RegisterAsync("alice");
        var bob = await host.RegisterAsync("bob");
        await using var socket = await alice.ConnectAsync();
        await using var foreign = await bob.ConnectAsync();

        var answer = await CommandLine.Of(host).AskAsync("admin", "user", "disable", alice.PublicId);
        Assert.Equal((alice.PublicId, "disabled"), ((string?)answer["public_id"], (string?)answer["state"]));

        (await alice.Http.GetAsync("/api/v1/sync")).ExpectProblem(401, "session_ended");
        await socket.ExpectCloseAsync(4403);
        await foreign.ExpectNothingElseAsync();
        (await alice.TryRefreshAsync()).ExpectProblem(401, "invalid_refresh_token");
        (await LoginAsync(alice, alice.Registration.Password)).ExpectProblem(403, "account_disabled");
        (await LoginAsync(alice, "a wrong password")).ExpectProblem(401, "invalid_credentials");
        Assert.Equal(0, (await CommandLine.Of(host).RunAsync("admin", "user", "disable", alice.PublicId.ToUpperInvariant())).Code);
    }

    [Fact]
    public async Task An_enabled_account_may_sign_in_again_and_its_old_sessions_stay_ended()
    {
        var alice = await host.RegisterAsync("alice");
        await CommandLine.Of(host).AskAsync("admin", "user", "disable", alice.PublicId);
        Assert.Equal((0, $"{alice.PublicId} may sign in.\n", ""), await CommandLine.Of(host).RunAsync("admin", "user", "enable", alice.PublicId));
        (await alice.Http.GetAsync("/api/v1/sync")).ExpectProblem(401, "session_ended");
        (await LoginAsync(alice, alice.Registration.Password)).Expect(200);
    }

    [Fact]
    public async Task Nobody_and_who_was_deleted_can_not_be_disabled()
    {
        var gone = await host.RegisterAsync("gone");
        host.Sql("UPDATE accounts SET state = 2 WHERE public_id = $name", ("$name", gone.PublicId));
        foreach (var verb in (string[])["disable", "enable"])
        {
            Assert.Contains("Nobody here is called", await CommandLine.Of(host).ExpectRefusalAsync(1, "admin", "user", verb, gone.PublicId), StringComparison.Ordinal);
            await CommandLine.Of(host).ExpectRefusalAsync(1, "admin", "user", verb, "nobody.of.this.name");
            await CommandLine.Of(host).ExpectRefusalAsync(2, "admin", "user", verb, "no name");
        }
        Assert.Equal(2L, host.Sql("SELECT state FROM accounts WHERE public_id = $name", ("$name", gone.PublicId)));
    }

    private Task<Answer> LoginAsync(Person person, string password) =>
        host.Anonymous.PostAsync("/auth/login", new JsonObject { ["public_id"] = person.PublicId, ["password"] = password });
}

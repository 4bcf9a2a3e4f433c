using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Auth;

/// <summary>Protocol 2.3.</summary>
public class RefreshTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task A_refresh_gives_a_new_pair_of_the_same_session()
    {
        var alice = await host.RegisterAsync("alice");
        var tokens = (await alice.TryRefreshAsync()).Expect(200);
        Assert.Equal(alice.SessionId, (string?)tokens["session_id"]);
        Assert.Equal(alice.UserId, (string?)tokens["user_id"]);
        Assert.NotEqual(alice.AccessToken, (string?)tokens["access_token"]);
        Assert.NotEqual(alice.RefreshToken, (string?)tokens["refresh_token"]);
        (await alice.Http.With((string)tokens["access_token"]!).GetAsync("/api/v1/sync")).Expect(200);
        (await alice.TryRefreshAsync((string)tokens["refresh_token"]!)).Expect(200);
    }

    [Fact]
    public async Task A_second_use_ends_the_whole_session_and_is_told_once()
    {
        var alice = await host.RegisterAsync("alice");
        var laptop = await alice.SignInAgainAsync();
        var (first, firstAccess) = (alice.RefreshToken, alice.AccessToken);
        await alice.RefreshAsync();
        await using var socket = await alice.ConnectAsync();
        await using var other = await laptop.ConnectAsync();

        (await alice.TryRefreshAsync(first)).ExpectProblem(401, "refresh_token_reused");

        await socket.ExpectCloseAsync(4401);
        (await alice.Http.GetAsync("/api/v1/sync")).ExpectProblem(401, "session_ended");
        (await alice.Http.With(firstAccess).GetAsync("/api/v1/sync")).ExpectProblem(401, "session_ended");
        (await alice.TryRefreshAsync()).ExpectProblem(401, "invalid_refresh_token");
        (await alice.TryRefreshAsync(first)).ExpectProblem(401, "invalid_refresh_token");
        // The account's other session has nothing to do with it.
        await other.ExpectNothingElseAsync();
        await laptop.RefreshAsync();
    }

    [Fact]
    public async Task Of_twenty_at_once_one_wins_and_the_family_is_dead()
    {
        var alice = await host.RegisterAsync("alice");
        await using var socket = await alice.ConnectAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => alice.TryRefreshAsync()));
        var winner = Assert.Single(answers, answer => answer.Status == 200).Json;
        Assert.Single(answers, answer => answer.Status == 401 && (string?)answer.Json["code"] == "refresh_token_reused");
        Assert.Equal(18, answers.Count(answer => answer.Status == 401 && (string?)answer.Json["code"] == "invalid_refresh_token"));
        (await alice.TryRefreshAsync((string)winner["refresh_token"]!)).ExpectProblem(401, "invalid_refresh_token");
        (await alice.Http.With((string)winner["access_token"]!).GetAsync("/api/v1/sync")).ExpectProblem(401, "session_ended");
        await socket.ExpectCloseAsync(4401);
    }

    [Fact]
    public async Task What_is_no_refresh_token_is_invalid()
    {
        var alice = await host.RegisterAsync("alice");
        foreach (var token in (string[])["", "garbage", alice.AccessToken, alice.RefreshToken + "A", alice.RefreshToken[..^1], " " + alice.RefreshToken, "\0"])
        {
            (await alice.TryRefreshAsync(token)).ExpectProblem(401, "invalid_refresh_token");
        }
        await alice.RefreshAsync();
    }

    [Fact]
    public async Task A_body_without_a_token_is_not_valid()
    {
        foreach (var body in (JsonObject[])[[], new() { ["refresh_token"] = null }, new() { ["refresh_token"] = 5 }, new() { ["refresh_token"] = new string('x', 1025) }])
        {
            (await host.Anonymous.PostAsync("/auth/refresh", body)).ExpectFaults("refresh_token");
        }
    }

    [Fact]
    public async Task A_refresh_token_expires_so_long_after_it_was_handed_out()
    {
        await using var brief = await Host.Start(options => options.Auth.RefreshTokenLifetime = TimeSpan.FromHours(1), host.Clock);
        var (alice, bob) = (await brief.RegisterAsync("alice"), await brief.RegisterAsync("bob"));
        host.Clock.Advance(TimeSpan.FromHours(1) - TimeSpan.FromMilliseconds(1));
        await alice.RefreshAsync();
        host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await bob.TryRefreshAsync()).ExpectProblem(401, "invalid_refresh_token");
        host.Clock.Advance(TimeSpan.FromMinutes(59));
        await alice.RefreshAsync();
        host.Clock.Advance(TimeSpan.FromMinutes(59));
        await alice.RefreshAsync();
    }

    [Fact]
    public async Task Within_the_grace_the_last_token_may_be_repeated_while_its_successor_is_unused()
    {
        await using var graceful = await Host.Start(options => options.Auth.RefreshGraceSeconds = 10, host.Clock);
        var alice = await graceful.RegisterAsync("alice");
        var lost = (await alice.TryRefreshAsync()).Expect(200);
        host.Clock.Advance(TimeSpan.FromSeconds(10));
        var repeated = (await alice.TryRefreshAsync()).Expect(200);
        // The pair that was lost is taken back: who has it has nothing, and harms nobody.
        (await alice.TryRefreshAsync((string)lost["refresh_token"]!)).ExpectProblem(401, "invalid_refresh_token");
        var next = (await alice.TryRefreshAsync((string)repeated["refresh_token"]!)).Expect(200);
        (await alice.TryRefreshAsync()).ExpectProblem(401, "refresh_token_reused");
        (await alice.TryRefreshAsync((string)next["refresh_token"]!)).ExpectProblem(401, "invalid_refresh_token");
    }

    [Fact]
    public async Task The_grace_counts_from_the_first_use()
    {
        await using var graceful = await Host.Start(options => options.Auth.RefreshGraceSeconds = 10, host.Clock);
        var alice = await graceful.RegisterAsync("alice");
        (await alice.TryRefreshAsync()).Expect(200);
        host.Clock.Advance(TimeSpan.FromSeconds(6));
        (await alice.TryRefreshAsync()).Expect(200);
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        (await alice.TryRefreshAsync()).ExpectProblem(401, "refresh_token_reused");
    }
}

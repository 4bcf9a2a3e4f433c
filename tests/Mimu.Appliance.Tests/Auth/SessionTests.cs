using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Auth;

/// <summary>Protocol 2.4: sessions are told, and end at once.</summary>
public class SessionTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task Logging_out_ends_this_session_and_no_other()
    {
        var alice = await host.RegisterAsync("alice");
        var other = await alice.SignInAgainAsync();
        await using var socket = await alice.ConnectAsync();
        await using var otherSocket = await other.ConnectAsync();

        (await alice.Http.PostAsync("/auth/logout")).ExpectNothing();

        (await alice.Http.GetAsync("/api/v1/sync")).ExpectProblem(401, "session_ended");
        (await alice.Http.PostAsync("/auth/logout")).ExpectProblem(401, "session_ended");
        (await alice.TryRefreshAsync()).ExpectProblem(401, "invalid_refresh_token");
        await socket.ExpectCloseAsync(4401);
        await otherSocket.ExpectNothingElseAsync();
        (await other.Http.GetAsync("/api/v1/sync")).Expect(200);
    }

    [Fact]
    public async Task Logging_out_everywhere_ends_all_sessions_of_this_account_alone()
    {
        var alice = await host.RegisterAsync("alice");
        var other = await alice.SignInAgainAsync();
        var bob = await host.RegisterAsync("bob");
        await using var socket = await other.ConnectAsync();

        (await alice.Http.PostAsync("/auth/logout-all")).ExpectNothing();

        await socket.ExpectCloseAsync(4401);
        (await alice.Http.GetAsync("/api/v1/sync")).ExpectProblem(401, "session_ended");
        (await other.Http.GetAsync("/api/v1/sync")).ExpectProblem(401, "session_ended");
        (await other.TryRefreshAsync()).ExpectProblem(401, "invalid_refresh_token");
        (await bob.Http.GetAsync("/api/v1/sync")).Expect(200);
        (await (await alice.SignInAgainAsync()).Http.GetAsync("/api/v1/sync")).Expect(200);
    }

    [Fact]
    public async Task Sessions_are_listed_as_they_are()
    {
        var alice = await host.RegisterAsync("alice", registration => registration.Body["device_name"] = "Pixel 9");
        host.Clock.Advance(TimeSpan.FromMinutes(1));
        var other = await alice.SignInAgainAsync();
        host.Clock.Advance(TimeSpan.FromMinutes(1));
        await other.RefreshAsync();
        await host.RegisterAsync("bob");

        var sessions = await SessionsAsync(other);

        Assert.Equal([alice.SessionId, other.SessionId], sessions.Select(session => (string?)session["session_id"]));
        Assert.Equal([false, true], sessions.Select(session => (bool)session["current"]!));
        Assert.All(sessions, session => Assert.Equal("Pixel 9", (string?)session["device_name"]));
        Assert.All(sessions, session => Assert.Equal(1, (int?)session["device_id"]));
        var (first, second) = (sessions[0], sessions[1]);
        Assert.Equal((string?)first["created_at"], (string?)first["last_seen_at"]);
        Assert.Equal(TimeSpan.FromMinutes(1), Time(second["created_at"]) - Time(first["created_at"]));
        Assert.Equal(TimeSpan.FromMinutes(1), Time(second["last_seen_at"]) - Time(second["created_at"]));
    }

    [Fact]
    public async Task A_session_that_can_go_on_no_more_is_not_listed()
    {
        var alice = await host.RegisterAsync("alice");
        host.Clock.Advance(TimeSpan.FromDays(20));
        var other = await alice.SignInAgainAsync();
        host.Clock.Advance(TimeSpan.FromDays(11));
        await other.RefreshAsync();

        Assert.Equal([other.SessionId], (await SessionsAsync(other)).Select(session => (string?)session["session_id"]));
    }

    [Fact]
    public async Task Any_of_ones_own_sessions_can_be_ended()
    {
        var alice = await host.RegisterAsync("alice");
        var other = await alice.SignInAgainAsync();
        await using var socket = await other.ConnectAsync();

        (await alice.Http.DeleteAsync($"/auth/sessions/{other.SessionId}")).ExpectNothing();

        await socket.ExpectCloseAsync(4401);
        (await other.Http.GetAsync("/auth/sessions")).ExpectProblem(401, "session_ended");
        (await alice.Http.DeleteAsync($"/auth/sessions/{other.SessionId}")).ExpectProblem(404, "not_found");
        (await alice.Http.DeleteAsync($"/auth/sessions/{alice.SessionId}")).ExpectNothing();
        (await alice.Http.GetAsync("/auth/sessions")).ExpectProblem(401, "session_ended");
    }

    [Fact]
    public async Task Nobody_elses_session_can_be_ended()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        foreach (var id in (string[])[bob.SessionId, Guid.NewGuid().ToString(), "nonsense", bob.SessionId.ToUpperInvariant()])
        {
            (await alice.Http.DeleteAsync($"/auth/sessions/{id}")).ExpectProblem(404, "not_found");
        }
        (await bob.Http.GetAsync("/api/v1/sync")).Expect(200);
    }

    [Fact]
    public async Task A_changed_password_ends_every_other_session()
    {
        var alice = await host.RegisterAsync("alice");
        var other = await alice.SignInAgainAsync();
        await using var socket = await other.ConnectAsync();
        await using var own = await alice.ConnectAsync();

        (await ChangePasswordAsync(alice, "wrong", "another good one")).ExpectProblem(403, "password_incorrect");
        await socket.ExpectNothingElseAsync();
        (await ChangePasswordAsync(alice, alice.Registration.Password, "another good one")).ExpectNothing();

        await socket.ExpectCloseAsync(4401);
        await own.ExpectNothingElseAsync();
        (await other.Http.GetAsync("/api/v1/sync")).ExpectProblem(401, "session_ended");
        await alice.RefreshAsync();
        (await LoginAsync(alice.PublicId, alice.Registration.Password)).ExpectProblem(401, "invalid_credentials");
        (await LoginAsync(alice.PublicId, "another good one")).Expect(200);
    }

    [Fact]
    public async Task A_new_password_has_the_form_of_the_first()
    {
        var alice = await host.RegisterAsync("alice");
        (await ChangePasswordAsync(alice, alice.Registration.Password, "1234567")).ExpectFaults("new_password");
        (await ChangePasswordAsync(alice, alice.Registration.Password, new string('a', 257))).ExpectFaults("new_password");
        (await alice.Http.PostAsync("/auth/change-password", "{}")).ExpectFaults("current_password", "new_password");
    }

    [Fact]
    public async Task Of_two_changes_at_once_one_wins_and_the_other_has_the_wrong_password()
    {
        var alice = await host.RegisterAsync("alice");
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => ChangePasswordAsync(alice, alice.Registration.Password, $"new password {i}")));
        Assert.Equal([204, 403, 403, 403], answers.Select(answer => answer.Status).Order());
    }

    [Fact]
    public async Task None_of_many_requests_gets_through_after_the_end_was_answered()
    {
        for (var round = 0; round < 20; round++)
        {
            var alice = await host.RegisterAsync("alice");
            var other = await alice.SignInAgainAsync();
            using var ended = new CancellationTokenSource();
            var asking = Enumerable.Range(0, 4).Select(async _ =>
            {
                while (true)
                {
                    // Looked at before asking: what was asked later must be refused.
                    var isOver = ended.IsCancellationRequested;
                    var status = (await other.Http.GetAsync("/auth/sessions")).Status;
                    Assert.True(!isOver || status == 401, "A request was let in after its session had ended.");
                    if (isOver)
                    {
                        return;
                    }
                }
            }).ToList();
            (await alice.Http.DeleteAsync($"/auth/sessions/{other.SessionId}")).ExpectNothing();
            await ended.CancelAsync();
            await Deadline.For("everybody to be refused", Task.WhenAll(asking));
        }
    }

    [Fact]
    public async Task These_calls_ask_for_a_token()
    {
        foreach (var path in (string[])["/auth/logout", "/auth/logout-all", "/auth/change-password", "/auth/ws-ticket"])
        {
            (await host.Anonymous.PostAsync(path, "{}")).ExpectProblem(401, "unauthorized");
        }
        (await host.Anonymous.GetAsync("/auth/sessions")).ExpectProblem(401, "unauthorized");
        (await host.Anonymous.DeleteAsync($"/auth/sessions/{Guid.NewGuid()}")).ExpectProblem(401, "unauthorized");
    }

    private static async Task<List<JsonObject>> SessionsAsync(Person person) =>
        (await person.Http.GetAsync("/auth/sessions")).Expect(200)["sessions"]!.AsArray().Select(session => session!.AsObject()).ToList();

    private static Task<Answer> ChangePasswordAsync(Person person, string current, string renewed) =>
        person.Http.PostAsync("/auth/change-password", new JsonObject { ["current_password"] = current, ["new_password"] = renewed });

    private Task<Answer> LoginAsync(string publicId, string password) =>
        host.Anonymous.PostAsync("/auth/login", new JsonObject { ["public_id"] = publicId, ["password"] = password });

    private static DateTimeOffset Time(JsonNode? text) => DateTimeOffset.Parse((string)text!, System.Globalization.CultureInfo.InvariantCulture);
}

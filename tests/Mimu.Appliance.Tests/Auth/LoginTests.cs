using System.Globalization;
using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Auth;

/// <summary>Protocol 2.2.</summary>
public class LoginTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task A_login_opens_a_session_of_its_own()
    {
        var alice = await host.RegisterAsync("alice");
        var tokens = (await LoginAsync(alice.PublicId.ToUpperInvariant(), alice.Registration.Password)).Expect(200);
        Assert.Equal(alice.UserId, (string?)tokens["user_id"]);
        Assert.Equal(alice.PublicId, (string?)tokens["public_id"]);
        Assert.Equal(alice.Registration.Fingerprint, (string?)tokens["fingerprint"]);
        Assert.Equal(1, (int?)tokens["device_id"]);
        Assert.Equal(900, (int?)tokens["expires_in"]);
        Assert.NotEqual(alice.SessionId, (string?)tokens["session_id"]);
        // Both sessions go on.
        (await alice.Http.GetAsync("/api/v1/sync")).Expect(200);
        (await alice.Http.With((string)tokens["access_token"]!).GetAsync("/api/v1/sync")).Expect(200);
    }

    [Fact]
    public async Task An_unknown_account_and_a_wrong_password_answer_alike()
    {
        var alice = await host.RegisterAsync("alice");
        var wrong = (await LoginAsync(alice.PublicId, "not her password")).ExpectProblem(401, "invalid_credentials");
        foreach (var name in (string[])["nobody.at.all", "Not A Name", "", "me", new string('x', 1000)])
        {
            var unknown = (await LoginAsync(name, "not her password")).ExpectProblem(401, "invalid_credentials");
            wrong["trace_id"] = unknown["trace_id"]!.DeepClone();
            Assert.Equal(wrong.ToJsonString(), unknown.ToJsonString());
        }
        (await LoginAsync(alice.PublicId, "")).ExpectProblem(401, "invalid_credentials");
    }


    [Fact]
    public async Task All_faults_are_told_at_once()
    {
        (await PostAsync(new JsonObject())).ExpectFaults("public_id", "password");
        (await PostAsync(new JsonObject { ["public_id"] = 1, ["password"] = null, ["device_id"] = 128, ["device_name"] = "" }))
            .ExpectFaults("public_id", "password", "device_id", "device_name");
        (await PostAsync(new JsonObject { ["public_id"] = "alice", ["password"] = new string('x', 1025), ["device_id"] = 0 })).ExpectFaults("password", "device_id");
    }

    [Fact]
    public async Task A_device_that_the_account_lacks_is_told_after_the_password_was_right()
    {
        var alice = await host.RegisterAsync("alice");
        var body = new JsonObject { ["public_id"] = alice.PublicId, ["password"] = alice.Registration.Password, ["device_id"] = 2 };
        (await PostAsync(body)).ExpectFaults("device_id");
        body["password"] = "not her password";
        (await PostAsync(body)).ExpectProblem(401, "invalid_credentials");
        body["password"] = alice.Registration.Password;
        body["device_id"] = 1;
        (await PostAsync(body)).Expect(200);
    }

    [Fact]
    public async Task A_device_may_get_a_new_name()
    {
        var alice = await host.RegisterAsync("alice", registration => registration.Body["device_name"] = "Pixel 9");
        var body = new JsonObject { ["public_id"] = alice.PublicId, ["password"] = alice.Registration.Password };
        (await PostAsync(body)).Expect(200);
        Assert.Equal("Pixel 9", NameOf(alice));
        body["device_name"] = "Pixel 10";
        (await PostAsync(body)).Expect(200);
        Assert.Equal("Pixel 10", NameOf(alice));
    }

    [Fact]
    public async Task A_disabled_account_is_told_to_who_knows_its_password()
    {
        var alice = await host.RegisterAsync("alice");
        host.Sql("UPDATE accounts SET state = 1 WHERE public_id = @name", ("@name", alice.PublicId));
        (await LoginAsync(alice.PublicId, "not her password")).ExpectProblem(401, "invalid_credentials");
        (await LoginAsync(alice.PublicId, alice.Registration.Password)).ExpectProblem(403, "account_disabled");
        (await alice.TryRefreshAsync()).ExpectProblem(401, "invalid_refresh_token");
    }

    [Fact]
    public async Task A_good_login_renews_a_hash_that_has_become_too_cheap()
    {
        var directory = Directory.CreateTempSubdirectory("mimu-host-").FullName;
        Person alice;
        await using (var cheap = await Host.Start(dataDirectory: directory))
        {
            alice = await cheap.RegisterAsync("alice");
            Assert.Contains("$m=8,t=1,p=1$", HashOf(cheap, alice), StringComparison.Ordinal);
        }
        await using (var dear = await Host.Start(options => (options.Auth.Argon2Memory, options.Auth.Argon2Iterations) = (64 << 10, 2), dataDirectory: directory))
        {
            (await LoginAsync(alice.PublicId, "not her password", dear)).ExpectProblem(401, "invalid_credentials");
            Assert.Contains("$m=8,t=1,p=1$", HashOf(dear, alice), StringComparison.Ordinal);
            (await LoginAsync(alice.PublicId, alice.Registration.Password, dear)).Expect(200);
            var renewed = HashOf(dear, alice);
            Assert.StartsWith("$argon2id$v=19$m=64,t=2,p=1$", renewed, StringComparison.Ordinal);
            (await LoginAsync(alice.PublicId, alice.Registration.Password, dear)).Expect(200);
            Assert.Equal(renewed, HashOf(dear, alice));
        }
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_storm_of_logins_is_told_when_to_come_back()
    {
        await using var dear = await Host.Start(options => (options.Auth.Argon2Memory, options.Auth.Argon2Iterations) = (4 << 20, 3));
        var alice = await dear.RegisterAsync("alice");
        var answers = await Task.WhenAll(Enumerable.Range(0, 150).Select(_ => LoginAsync(alice.PublicId, alice.Registration.Password, dear)));
        Assert.True(answers.Count(answer => answer.Status == 200) >= 64, "Those that had a place in the queue are served.");
        Assert.Contains(answers, answer => answer.Status == 503);
        Assert.All(answers.Where(answer => answer.Status != 200), answer =>
        {
            answer.ExpectProblem(503, "unavailable");
            Assert.InRange(int.Parse(answer.Header("Retry-After")!, CultureInfo.InvariantCulture), 1, 60);
        });
        (await LoginAsync(alice.PublicId, alice.Registration.Password, dear)).Expect(200);
    }

    private static string HashOf(Host host, Person person) => (string)host.Sql("SELECT password_hash FROM accounts WHERE public_id = @name", ("@name", person.PublicId))!;

    private string? NameOf(Person person) =>
        host.Sql("SELECT d.name FROM devices d JOIN accounts a ON a.user_id = d.user_id WHERE a.public_id = @name", ("@name", person.PublicId)) as string;

    private Task<Answer> LoginAsync(string name, string password, Host? at = null) =>
        PostAsync(new JsonObject { ["public_id"] = name, ["password"] = password }, at);

    private Task<Answer> PostAsync(JsonObject body, Host? at = null) => (at ?? host).Anonymous.PostAsync("/auth/login", body);
}

using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Mimu.Appliance.Tests.Stage;
using NSec.Cryptography;

namespace Mimu.Appliance.Tests.Auth;

/// <summary>Protocol 2.5: a forgotten password is replaced by who has the signing key.</summary>
public class ResetPasswordTests(ClockHost host) : IClassFixture<ClockHost>
{
    private const string Renewed = "nöue Pässwort 🦊";

    [Fact]
    public async Task A_signature_replaces_the_password_and_ends_every_session()
    {
        var alice = await host.RegisterAsync("alice");
        await using var socket = await alice.ConnectAsync();

        (await ResetAsync(alice.PublicId, Body(alice, Now))).ExpectNothing();

        await socket.ExpectCloseAsync(4401);
        (await alice.Http.GetAsync("/api/v1/sync")).ExpectProblem(401, "session_ended");
        (await LoginAsync(alice, alice.Registration.Password)).ExpectProblem(401, "invalid_credentials");
        (await LoginAsync(alice, Renewed)).Expect(200);
    }

    [Theory]
    [InlineData(-300, 204)]
    [InlineData(-301, 403)]
    [InlineData(300, 204)]
    [InlineData(301, 403)]
    public async Task The_timestamp_may_be_300_seconds_off(int seconds, int status)
    {
        // Its clock stands on a whole second.
        await using var still = await Host.Start(clock: new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_795_373_400)));
        var alice = await still.RegisterAsync("alice");
        var answer = await still.Anonymous.PostAsync("/auth/reset-password", Body(alice, 1_795_373_400 + seconds));
        if (status == 204)
        {
            answer.ExpectNothing();
        }
        else
        {
            answer.ExpectProblem(403, "timestamp_out_of_window");
        }
    }

    [Fact]
    public async Task Faults_come_first_then_the_window_then_the_signature_then_the_replay()
    {
        var alice = await host.RegisterAsync("alice");
        var used = Body(alice, Now);
        (await ResetAsync(alice.PublicId, (JsonObject)used.DeepClone())).ExpectNothing();

        (await ResetAsync(alice.PublicId, used)).ExpectProblem(403, "signature_replayed");
        var broken = (JsonObject)used.DeepClone();
        broken["new_password"] = "another password";
        (await ResetAsync(alice.PublicId, broken)).ExpectProblem(403, "signature_invalid");
        broken["timestamp"] = Now - 301;
        (await ResetAsync(alice.PublicId, broken)).ExpectProblem(403, "timestamp_out_of_window");
        broken["new_password"] = "short";
        broken["signature"] = "AAAA";
        (await ResetAsync(alice.PublicId, broken)).ExpectFaults("new_password", "signature");
        (await host.Anonymous.PostAsync("/auth/reset-password", new JsonObject { ["timestamp"] = 1.5 }))
            .ExpectFaults("public_id", "new_password", "timestamp", "signature");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-62_135_596_801)]
    [InlineData(253_402_300_800)]
    [InlineData(1_795_373_400_000)]
    [InlineData(9_007_199_254_740_991)]
    [InlineData(-9_007_199_254_740_991)]
    public async Task Any_other_time_is_out_of_the_window(long timestamp)
    {
        var alice = await host.RegisterAsync("alice");
        (await ResetAsync(alice.PublicId, Body(alice, timestamp))).ExpectProblem(403, "timestamp_out_of_window");
    }

    [Fact]
    public async Task An_account_that_is_unknown_or_deleted_has_no_valid_signature()
    {
        var (alice, gone) = (await host.RegisterAsync("alice"), await host.RegisterAsync("gone"));
        host.Sql("UPDATE accounts SET state = 2 WHERE public_id = $name", ("$name", gone.PublicId));
        (await ResetAsync(gone.PublicId, Body(gone, Now))).ExpectProblem(403, "signature_invalid");
        (await ResetAsync("nobody.of.this.name", Body(alice, Now))).ExpectProblem(403, "signature_invalid");
        (await ResetAsync("No Name!", Body(alice, Now))).ExpectProblem(403, "signature_invalid");
        // Somebody else's signature is none.
        (await ResetAsync(alice.PublicId, Body(gone, Now))).ExpectProblem(403, "signature_invalid");
        (await alice.Http.GetAsync("/api/v1/sync")).Expect(200);
    }

    [Fact]
    public async Task Of_one_signature_used_many_times_at_once_one_works()
    {
        var alice = await host.RegisterAsync("alice");
        var body = Body(alice, Now);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ResetAsync(alice.PublicId, (JsonObject)body.DeepClone())));
        Assert.Equal([204, 403, 403, 403], answers.Select(answer => answer.Status).Order());
        Assert.All(answers.Where(answer => answer.Status == 403), answer => answer.ExpectProblem(403, "signature_replayed"));
    }

    [Fact]
    public async Task A_used_signature_is_remembered_over_a_restart_and_forgotten_after_its_window()
    {
        var directory = Directory.CreateTempSubdirectory("mimu-reset-").FullName;
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_795_373_400));
        try
        {
            Person alice;
            JsonObject body;
            await using (var before = await Host.Start(clock: clock, dataDirectory: directory))
            {
                alice = await before.RegisterAsync("alice");
                body = Body(alice, 1_795_373_400);
                (await before.Anonymous.PostAsync("/auth/reset-password", (JsonObject)body.DeepClone())).ExpectNothing();
            }
            clock.Advance(TimeSpan.FromSeconds(300));
            await using var after = await Host.Start(clock: clock, dataDirectory: directory);
            (await after.Anonymous.PostAsync("/auth/reset-password", body)).ExpectProblem(403, "signature_replayed");
            (await after.Anonymous.PostAsync("/auth/reset-password", Body(alice, 1_795_373_700))).ExpectNothing();
            Assert.Equal(2L, after.Sql("SELECT count(*) FROM used_resets"));

            clock.Advance(TimeSpan.FromMilliseconds(1));
            (await after.Anonymous.PostAsync("/auth/reset-password", Body(alice, 1_795_373_701))).ExpectNothing();
            Assert.Equal(2L, after.Sql("SELECT count(*) FROM used_resets"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private long Now => host.Clock.GetUtcNow().ToUnixTimeSeconds();

    private static JsonObject Body(Person person, long timestamp) => new()
    {
        ["public_id"] = person.PublicId,
        ["new_password"] = Renewed,
        ["timestamp"] = timestamp,
        ["signature"] = Convert.ToBase64String(SignatureAlgorithm.Ed25519.Sign(person.Registration.SigningKey,
            Encoding.UTF8.GetBytes(Renewed + timestamp.ToString(CultureInfo.InvariantCulture)))),
    };

    private Task<Answer> ResetAsync(string publicId, JsonObject body)
    {
        body["public_id"] = publicId;
        return host.Anonymous.PostAsync("/auth/reset-password", body);
    }

    private Task<Answer> LoginAsync(Person person, string password) =>
        host.Anonymous.PostAsync("/auth/login", new JsonObject { ["public_id"] = person.PublicId, ["password"] = password });
}

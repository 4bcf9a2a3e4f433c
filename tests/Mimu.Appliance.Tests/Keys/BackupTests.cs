using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Keys;

/// <summary>Protocol 3.7.</summary>
public class BackupTests(Host host) : IClassFixture<Host>
{
    private const string Path = "/users/me/key-backup";

    [Fact]
    public async Task A_backup_comes_back_byte_for_byte_until_it_is_removed()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        (await alice.Http.GetAsync(Path)).ExpectProblem(404, "not_found");
        var backup = RandomNumberGenerator.GetBytes(1 << 20); // the most that there may be
        var stored = (await PutAsync(alice, backup)).Expect(200);
        var found = (await alice.Http.GetAsync(Path)).Expect(200);
        Assert.Equal(backup, Convert.FromBase64String((string)found["encrypted_backup"]!));
        Assert.Equal(((string?)stored["etag"], (string?)stored["updated_at"]), ((string?)found["etag"], (string?)found["updated_at"]));
        (await bob.Http.GetAsync(Path)).ExpectProblem(404, "not_found");
        (await alice.Http.DeleteAsync(Path)).ExpectNothing();
        (await alice.Http.GetAsync(Path)).ExpectProblem(404, "not_found");
        (await alice.Http.DeleteAsync(Path)).ExpectNothing();
    }

    [Fact]
    public async Task An_etag_guards_against_another_device_that_was_faster()
    {
        var alice = await host.RegisterAsync("alice");
        (await PutAsync(alice, [1], "never-stored")).ExpectProblem(409, "backup_conflict");
        var first = (string)(await PutAsync(alice, [1])).Expect(200)["etag"]!;
        var second = (string)(await PutAsync(alice, [2], first)).Expect(200)["etag"]!;
        Assert.NotEqual(first, second);
        (await PutAsync(alice, [3], first)).ExpectProblem(409, "backup_conflict");
        Assert.Equal("Ag==", (string?)(await alice.Http.GetAsync(Path)).Expect(200)["encrypted_backup"]);
        (await PutAsync(alice, [4])).Expect(200);
        var etag = (string)(await alice.Http.GetAsync(Path)).Expect(200)["etag"]!;
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => PutAsync(alice, [(byte)i], etag)));
        Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(19, answers.Count(answer => answer.Status == 409));
    }

    [Fact]
    public async Task What_is_too_large_is_refused_member_or_body()
    {
        var alice = await host.RegisterAsync("alice");
        (await PutAsync(alice, new byte[(1 << 20) + 1])).ExpectProblem(413, "payload_too_large");
        (await PutAsync(alice, new byte[(3 << 19) / 4 * 3])).ExpectProblem(413, "payload_too_large");
        (await PutAsync(alice, [])).ExpectFaults("encrypted_backup");
        // Elsewhere the limit is what it was.
        (await alice.Http.PatchAsync("/users/me", new JsonObject { ["more"] = new string('x', 1 << 20) })).ExpectProblem(413, "payload_too_large");
        (await alice.Http.GetAsync(Path)).ExpectProblem(404, "not_found");
    }

    private static Task<Answer> PutAsync(Person person, byte[] backup, string? etag = null)
    {
        var body = new JsonObject { ["encrypted_backup"] = Registration.Base64(backup) };
        if (etag is not null)
        {
            body["etag"] = etag;
        }
        return person.Http.PutAsync(Path, body);
    }
}

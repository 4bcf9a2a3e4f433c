using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Keys;

/// <summary>Protocol 3.6.</summary>
public class IdentityTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task A_new_identity_takes_everything_of_the_former_with_it()
    {
        var alice = await host.RegisterAsync("alice", registration => registration.WithOneTimePrekeys(3).WithPqPrekeys(2));
        var bob = await host.RegisterAsync("bob");
        var (again, tablet) = (await alice.SignInAgainAsync(), await alice.LinkAsync());
        var renewed = new Registration(alice.PublicId).WithOneTimePrekeys(1);

        var profile = (await alice.Http.PutAsync("/users/me/keys", Body(renewed))).Expect(200);

        Assert.Equal(["user_id", "public_id", "display_name", "avatar", "fingerprint"], profile.Select(member => member.Key));
        Assert.Equal((alice.UserId, renewed.Fingerprint), ((string?)profile["user_id"], (string?)profile["fingerprint"]));
        (await again.Http.GetAsync("/users/me")).ExpectProblem(401, "session_ended");
        (await tablet.Http.GetAsync("/users/me")).ExpectProblem(401, "session_ended");
        (await alice.Http.GetAsync("/users/me")).Expect(200);
        var bundle = (await bob.Http.GetAsync($"/users/{alice.PublicId}/prekeys")).Expect(200);
        Assert.Single(bundle["devices"]!.AsArray());
        Assert.Equal(Registration.Base64(renewed.IdentityKey), (string?)bundle["identity_key"]);
        // The numbers have begun afresh: 1 is another key now.
        Assert.Equal(renewed.Body["signed_prekey"]!.ToJsonString(), bundle["signed_prekey"]!.ToJsonString());
        Assert.Equal(renewed.Body["one_time_prekeys"]![0]!.ToJsonString(), bundle["one_time_prekey"]!.ToJsonString());
        Assert.Null(bundle["pq_prekey"]);
        var next = (await bob.Http.GetAsync($"/users/{alice.PublicId}/prekeys")).Expect(200);
        Assert.Null(next["one_time_prekey"]);
    }

    [Fact]
    public async Task Everyone_who_shares_a_chat_is_told_once_and_nobody_else()
    {
        var (alice, bob, carol, dave) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"), await host.RegisterAsync("dave"));
        await alice.CreateDirectAsync(bob);
        await bob.CreateGroupAsync(alice, carol);
        var (bobs, daves, cursor) = (await bob.ConnectAsync(), await dave.ConnectAsync(), await carol.CursorAsync());
        var renewed = new Registration(alice.PublicId);
        (await alice.Http.PutAsync("/users/me/keys", Body(renewed))).Expect(200);

        var expected = $$"""{"user_id":"{{alice.UserId}}","public_id":"{{alice.PublicId}}","fingerprint":"{{renewed.Fingerprint}}"}""";
        var live = await bobs.ExpectAsync("IdentityChanged");
        Assert.Equal(expected, live["data"]!.ToJsonString());
        await bobs.ExpectNothingElseAsync();
        await daves.ExpectNothingElseAsync();
        var replayed = Assert.Single(await carol.SyncAllAsync(cursor));
        Assert.Equal(("IdentityChanged", expected), ((string?)replayed["type"], replayed["data"]!.ToJsonString()));
        // By push and by pull it is the same event.
        Assert.Equal(live.ToJsonString(), Assert.Single(await bob.SyncAllAsync(bobs.HelloCursor)).ToJsonString());
        Assert.Empty(await alice.SyncAllAsync(cursor));
    }

    [Fact]
    public async Task A_refused_identity_changes_nothing()
    {
        var (alice, tablet) = (await host.RegisterAsync("alice"), default(Person));
        tablet = await alice.LinkAsync();
        var renewed = new Registration(alice.PublicId);
        var body = Body(renewed);
        body["password"] = "wrong";
        (await alice.Http.PutAsync("/users/me/keys", body)).ExpectProblem(403, "password_incorrect");
        body["signed_prekey"]!["signature"] = Registration.Base64(new byte[64]);
        body["fingerprint"] = alice.Registration.Fingerprint;
        body.Remove("password");
        (await alice.Http.PutAsync("/users/me/keys", body)).ExpectFaults("password", "fingerprint", "signed_prekey.signature");
        (await tablet.Http.PutAsync("/users/me/keys", Body(renewed))).ExpectFaults("device_id");
        Assert.Equal(alice.Registration.Fingerprint, (string?)(await tablet.Http.GetAsync("/users/me")).Expect(200)["fingerprint"]);
    }

    private static JsonObject Body(Registration registration)
    {
        var body = registration.Body.DeepClone().AsObject();
        body.Remove("public_id");
        return body;
    }
}

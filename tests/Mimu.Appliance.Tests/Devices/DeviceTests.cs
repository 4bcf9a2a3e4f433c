using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Devices;

/// <summary>Protocol 3.9.</summary>
public class DeviceTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task A_linked_device_has_sessions_and_keys_of_its_own_under_one_identity()
    {
        var (alice, bob) = (await host.RegisterAsync("alice", registration => registration.WithOneTimePrekeys(1)), await host.RegisterAsync("bob"));
        var answer = (await alice.TryLinkAsync("Tablet", body => body["signal_registration_id"] = 99)).Expect(201);
        Assert.Equal((2, alice.UserId), ((int)answer["device_id"]!, (string?)answer["user_id"]));
        var tablet = alice.As(answer);

        var devices = (await tablet.Http.GetAsync("/users/me/devices")).Expect(200)["devices"]!.AsArray();
        Assert.Equal(["device_id", "device_name", "created_at", "last_seen_at", "current"], devices[1]!.AsObject().Select(member => member.Key));
        Assert.Equal([(1, null, false), (2, "Tablet", true)],
            devices.Select(device => ((int)device!["device_id"]!, (string?)device["device_name"], (bool)device["current"]!)));
        var bundle = (await bob.Http.GetAsync($"/users/{alice.PublicId}/prekeys")).Expect(200);
        Assert.Equal([1, 2], bundle["devices"]!.AsArray().Select(device => (int)device!["device_id"]!));
        Assert.Equal(99, (int)bundle["devices"]![1]!["signal_registration_id"]!);
        Assert.Equal(1, (int)bundle["devices"]![1]!["one_time_prekey"]!["key_id"]!);
        // Each device counts its own.
        Assert.Equal(0, (int)(await tablet.Http.GetAsync("/users/me")).Expect(200)["one_time_prekey_count"]!);
        // Of one's own account the calling device is left out.
        Assert.Equal(1, (int)(await tablet.Http.GetAsync($"/users/{alice.PublicId}/prekeys")).Expect(200)["devices"]!.AsArray().Single()!["device_id"]!);
    }

    [Fact]
    public async Task Linking_asks_for_the_password_and_for_good_keys()
    {
        var alice = await host.RegisterAsync("alice");
        (await alice.TryLinkAsync(changes: body => body["password"] = "wrong")).ExpectProblem(403, "password_incorrect");
        (await alice.TryLinkAsync(changes: body =>
        {
            body["signed_prekey"] = new Registration("other").Signed(1, Registration.NewX25519());
            body.Remove("password");
            body.Remove("device_name");
        })).ExpectFaults("signed_prekey.signature", "password", "device_name");
        (await alice.TryLinkAsync("a\u0007b")).ExpectFaults("device_name");
        Assert.Single((await alice.Http.GetAsync("/users/me/devices")).Expect(200)["devices"]!.AsArray());
    }

    [Fact]
    public async Task A_removed_device_is_gone_at_once_and_its_number_rests()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var tablet = await alice.LinkAsync();
        var socket = await tablet.OpenAsync();
        await socket.ExpectHelloAsync();
        await socket.ExpectAsync("PrekeysLow");
        (await alice.Http.DeleteAsync("/users/me/devices/2")).ExpectNothing();
        await socket.ExpectCloseAsync(4401);
        (await tablet.Http.GetAsync("/users/me")).ExpectProblem(401, "session_ended");
        (await bob.Http.GetAsync($"/users/{alice.PublicId}/prekeys?device_id=2")).ExpectProblem(404, "not_found");
        (await alice.Http.DeleteAsync("/users/me/devices/2")).ExpectProblem(404, "not_found");
        (await alice.Http.DeleteAsync("/users/me/devices/1")).ExpectFaults("device_id");
        (await alice.Http.DeleteAsync("/users/me/devices/two")).ExpectProblem(404, "not_found");
        Assert.Equal(3, (int)(await alice.TryLinkAsync()).Expect(201)["device_id"]!);
        (await alice.Http.GetAsync("/users/me")).Expect(200);
    }

    [Fact]
    public async Task Ones_other_devices_and_everyone_who_shares_a_chat_are_told()
    {
        var (alice, bob, dave) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("dave"));
        await alice.CreateDirectAsync(bob);
        await alice.CreateGroupAsync(bob);
        var (own, bobs, daves) = (await alice.ConnectAsync(), await bob.ConnectAsync(), await dave.ConnectAsync());
        await alice.LinkAsync();
        (await alice.Http.DeleteAsync("/users/me/devices/2")).ExpectNothing();
        foreach (var socket in (EventSocket[])[own, bobs])
        {
            for (var i = 0; i < 2; i++)
            {
                Assert.Equal($$"""{"user_id":"{{alice.UserId}}","public_id":"{{alice.PublicId}}","fingerprint":"{{alice.Registration.Fingerprint}}"}""",
                    (await socket.ExpectDataAsync("DevicesChanged")).ToJsonString());
            }
            await socket.ExpectNothingElseAsync();
        }
        await daves.ExpectNothingElseAsync();
        Assert.Equal(2, (await bob.SyncAllAsync(bobs.HelloCursor)).Count);
    }

    [Fact]
    public async Task Of_many_that_are_linked_at_once_each_gets_a_number_of_its_own()
    {
        var alice = await host.RegisterAsync("alice");
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => alice.TryLinkAsync()));
        Assert.Equal(Enumerable.Range(2, 10), answers.Select(answer => (int)answer.Expect(201)["device_id"]!).Order());
    }
}

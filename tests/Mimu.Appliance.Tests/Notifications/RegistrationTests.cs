using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Notifications;

/// <summary>Registering for pushes (protocol 11.1).</summary>
public sealed class RegistrationTests(Host host) : IClassFixture<Host>
{
    private const string Apns = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";
    private const string P256dh = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    private const string Auth = "BTBZMqHH6r4Tts7J_aSIgg";

    [Fact]
    public async Task Each_platform_has_its_form_and_the_same_token_again_is_the_same_registration()
    {
        var alice = await host.RegisterAsync("alice");
        var bodies = (JsonObject[])[Fcm("fcm:token-1"), new JsonObject { ["platform"] = "apns", ["token"] = Apns, ["voip_token"] = "AB12", ["sandbox"] = true }, WebPush("https://push.example/1")];
        var ids = new List<string>();
        foreach (var body in bodies)
        {
            ids.Add(await alice.RegisterPushAsync(body));
            Assert.Equal(ids[^1], await alice.RegisterPushAsync(body, 200));
        }
        var list = await alice.ListPushAsync();
        Assert.Equal(ids, list.Select(one => (string)one!["registration_id"]!));
        Assert.Equal(["fcm", "apns", "webpush"], list.Select(one => (string)one!["platform"]!));
        Assert.All(list, one => Assert.Equal(["registration_id", "platform", "device_id", "created_at"], one!.AsObject().Select(member => member.Key)));
        Assert.Equal(1, (int)list[0]!["device_id"]!);
        // The same bytes in the other case.
        Assert.Equal(ids[1], await alice.RegisterPushAsync(new JsonObject { ["platform"] = "apns", ["token"] = Apns.ToUpperInvariant() }, 200));

        (await alice.TryRemovePushAsync(ids[0])).ExpectNothing();
        (await alice.TryRemovePushAsync(ids[0])).ExpectProblem(404, "not_found");
        (await alice.TryRemovePushAsync("nonsense")).ExpectProblem(404, "not_found");
        Assert.Equal(2, (await alice.ListPushAsync()).Count);
    }

    [Fact]
    public async Task A_token_belongs_to_whoever_registered_it_last_and_nobody_sees_anothers()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var first = await alice.RegisterPushAsync(Fcm("moving"));
        (await bob.TryRemovePushAsync(first)).ExpectProblem(404, "not_found");
        var second = await bob.RegisterPushAsync(Fcm("moving"));
        Assert.NotEqual(first, second);
        Assert.Empty(await alice.ListPushAsync());
        Assert.Single(await bob.ListPushAsync());
        // To another device of one's own it moves under its id.
        var tablet = await bob.LinkAsync();
        Assert.Equal(second, await tablet.RegisterPushAsync(Fcm("moving"), 200));
        Assert.Equal(2, (int)(await bob.ListPushAsync())[0]!["device_id"]!);
    }

    [Fact]
    public async Task Registrations_go_with_the_devices_last_session()
    {
        var alice = await host.RegisterAsync("alice");
        var again = await alice.SignInAgainAsync();
        await alice.RegisterPushAsync(Fcm("signed-out"));
        (await alice.Http.PostAsync("/auth/logout")).ExpectNothing();
        Assert.Single(await again.ListPushAsync());
        (await again.Http.PostAsync("/auth/logout")).ExpectNothing();
        Assert.Empty(await (await alice.SignInAgainAsync()).ListPushAsync());
    }

    [Fact]
    public async Task What_is_wrong_is_told()
    {
        var alice = await host.RegisterAsync("alice");
        (await alice.TryRegisterPushAsync([])).ExpectFaults("platform");
        (await alice.TryRegisterPushAsync(new JsonObject { ["platform"] = "pigeon", ["token"] = "x" })).ExpectFaults("platform");
        (await alice.TryRegisterPushAsync(new JsonObject { ["platform"] = "fcm" })).ExpectFaults("token");
        (await alice.TryRegisterPushAsync(Fcm("with spaces"))).ExpectFaults("token");
        (await alice.TryRegisterPushAsync(Fcm(new string('a', 1001)))).ExpectFaults("token");
        (await alice.TryRegisterPushAsync(new JsonObject { ["platform"] = "apns", ["token"] = "../x", ["voip_token"] = "zz" })).ExpectFaults("token", "voip_token");
        (await alice.TryRegisterPushAsync(new JsonObject { ["platform"] = "webpush" })).ExpectFaults("subscription");
        (await alice.TryRegisterPushAsync(new JsonObject { ["platform"] = "webpush", ["subscription"] = "x" })).ExpectFaults("subscription");
        foreach (var endpoint in (string[])["http://push.example/1", "https://127.0.0.1/1", "https://[::1]/1", "https://10.1.2.3/1", "https://169.254.169.254/latest", "https://push.example:8443/1", "push.example"])
        {
            (await alice.TryRegisterPushAsync(WebPush(endpoint))).ExpectFaults("subscription.endpoint");
        }
        (await alice.TryRegisterPushAsync(WebPush("https://push.example/1", p256dh: "AAAA", auth: "AAAA"))).ExpectFaults("subscription.keys.p256dh", "subscription.keys.auth");
        Assert.Empty(await alice.ListPushAsync());
        (await host.Anonymous.GetAsync("/api/v1/notifications/devices")).ExpectProblem(401, "unauthorized");
    }

    [Fact]
    public async Task The_servers_key_is_the_same_after_a_restart_and_none_when_Web_Push_is_off()
    {
        var alice = await host.RegisterAsync("alice");
        var key = (string)(await alice.Http.GetAsync("/api/v1/notifications/vapid-key")).Expect(200)["public_key"]!;
        Assert.Equal(87, key.Length);
        await using var off = await Host.Start(options => options.Push.WebPush.Enabled = false);
        (await (await off.RegisterAsync("alice")).Http.GetAsync("/api/v1/notifications/vapid-key")).ExpectProblem(404, "not_found");
    }

    private static JsonObject Fcm(string token) => new() { ["platform"] = "fcm", ["token"] = token };

    private static JsonObject WebPush(string endpoint, string p256dh = P256dh, string auth = Auth) => new()
    {
        ["platform"] = "webpush",
        ["subscription"] = new JsonObject { ["endpoint"] = endpoint, ["keys"] = new JsonObject { ["p256dh"] = p256dh, ["auth"] = auth } },
    };
}

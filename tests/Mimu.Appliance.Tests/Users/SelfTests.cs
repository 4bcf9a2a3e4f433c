using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Tests.Users;

/// <summary>Protocol 3.5: one's own account.</summary>
public class SelfTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task One_sees_ones_own_account()
    {
        var alice = await host.RegisterAsync("alice", registration => registration.WithOneTimePrekeys(2).WithPqPrekeys(1));
        var self = (await alice.Http.GetAsync("/users/me")).Expect(200);
        Assert.Equal(
            ["user_id", "public_id", "display_name", "avatar", "fingerprint", "identity_key", "signing_public_key", "created_at", "subscription",
                "one_time_prekey_count", "pq_one_time_prekey_count", "signed_prekey_id", "storage_used", "storage_quota"],
            self.Select(member => member.Key));
        Assert.Equal(alice.UserId, (string?)self["user_id"]);
        Assert.Equal(alice.PublicId, (string?)self["display_name"]);
        Assert.Equal(alice.Registration.Fingerprint, (string?)self["fingerprint"]);
        Assert.Equal(Registration.Base64(alice.Registration.SigningPublicKey), (string?)self["signing_public_key"]);
        Assert.Equal((2, 1, 1), ((int)self["one_time_prekey_count"]!, (int)self["pq_one_time_prekey_count"]!, (int)self["signed_prekey_id"]!));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", (string)self["created_at"]!);
    }

    [Theory]
    [InlineData("Everyone", """{"active":true,"tier":"premium","state":"granted","platform":null,"product_id":null,"expires_at":null,"auto_renewing":false}""", 53687091200)]
    [InlineData("Stores", """{"active":false,"tier":"free","state":"none","platform":null,"product_id":null,"expires_at":null,"auto_renewing":false}""", 5368709120)]
    [InlineData("Off", null, 5368709120)]
    public async Task The_subscription_and_the_quota_follow_the_mode(string mode, string? subscription, long quota)
    {
        await using var other = await Host.Start(options => options.Subscriptions.Mode = Enum.Parse<SubscriptionMode>(mode));
        var self = (await (await other.RegisterAsync("alice")).Http.GetAsync("/users/me")).Expect(200);
        Assert.Equal(subscription, self["subscription"]?.ToJsonString());
        Assert.Equal((0, quota), ((long)self["storage_used"]!, (long)self["storage_quota"]!));
    }

    [Fact]
    public async Task A_profile_is_changed_member_by_member()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        Assert.Equal("Alice 🦊", (string?)(await ChangeAsync(new JsonObject { ["display_name"] = "Alice 🦊" })).Expect(200)["display_name"]);
        var self = (await ChangeAsync(new JsonObject { ["avatar"] = "file-key_1.2" })).Expect(200);
        Assert.Equal(("Alice 🦊", "file-key_1.2"), ((string?)self["display_name"], (string?)self["avatar"]));
        Assert.Equal("file-key_1.2", (string?)(await bob.Http.GetAsync($"/users/{alice.PublicId}")).Expect(200)["avatar"]);
        Assert.Equal("file-key_1.2", (string?)(await ChangeAsync([])).Expect(200)["avatar"]);
        self = (await ChangeAsync(new JsonObject { ["avatar"] = null, ["display_name"] = null })).Expect(200);
        Assert.Null(self["avatar"]);
        Assert.Equal("Alice 🦊", (string?)self["display_name"]);
        Assert.Equal(self.ToJsonString(), (await alice.Http.GetAsync("/users/me")).Expect(200).ToJsonString());
        (await ChangeAsync(new JsonObject { ["avatar"] = "../etc", ["display_name"] = "" })).ExpectFaults("avatar", "display_name");
        (await ChangeAsync(new JsonObject { ["display_name"] = new string('x', 65) })).ExpectFaults("display_name");

        Task<Answer> ChangeAsync(JsonObject change) => alice.Http.PatchAsync("/users/me", change);
    }

    [Fact]
    public async Task Deleting_asks_for_the_password()
    {
        var alice = await host.RegisterAsync("alice");
        (await alice.Http.DeleteAsync("/users/me", new JsonObject { ["password"] = "wrong" })).ExpectProblem(403, "password_incorrect");
        (await alice.Http.DeleteAsync("/users/me", new JsonObject())).ExpectFaults("password");
        (await alice.Http.GetAsync("/users/me")).Expect(200);
    }

    [Fact]
    public async Task A_deleted_account_is_gone_at_once_and_its_name_stays_taken()
    {
        var (alice, bob) = (await host.RegisterAsync("alice", registration => registration.WithOneTimePrekeys(1)), await host.RegisterAsync("bob"));
        var (again, tablet) = (await alice.SignInAgainAsync(), await alice.LinkAsync());
        var sockets = new[] { await ConnectAsync(alice), await ConnectAsync(again), await ConnectAsync(tablet) };
        (await alice.Http.PutAsync("/users/me/key-backup", new JsonObject { ["encrypted_backup"] = "AAAA" })).Expect(200);
        (await alice.Http.PutAsync($"/users/me/blocks/{bob.PublicId}")).ExpectNothing();
        (await bob.Http.PutAsync($"/users/me/blocks/{alice.PublicId}")).ExpectNothing();

        (await alice.Http.DeleteAsync("/users/me", alice.Password)).ExpectNothing();

        foreach (var socket in sockets)
        {
            await socket.ExpectCloseAsync(4401);
        }
        foreach (var person in (Person[])[alice, again, tablet])
        {
            (await person.Http.GetAsync("/users/me")).ExpectProblem(401, "session_ended");
            (await person.TryRefreshAsync()).ExpectProblem(401, "invalid_refresh_token");
        }
        (await bob.Http.GetAsync($"/users/{alice.PublicId}")).ExpectProblem(404, "not_found");
        (await bob.Http.GetAsync($"/users/{alice.PublicId}/prekeys")).ExpectProblem(404, "not_found");
        Assert.Empty((await bob.Http.GetAsync($"/users/search?q={alice.PublicId}")).Expect(200)["users"]!.AsArray());
        Assert.Empty((await bob.Http.GetAsync("/users/me/blocks")).Expect(200)["blocks"]!.AsArray());
        (await host.Anonymous.PostAsync("/auth/login", new JsonObject { ["public_id"] = alice.PublicId, ["password"] = alice.Registration.Password }))
            .ExpectProblem(401, "invalid_credentials");
        (await host.Anonymous.PostAsync("/auth/register", new Registration(alice.PublicId).Body)).ExpectProblem(409, "public_id_taken");
        foreach (var table in (string[])["devices", "sessions", "prekeys", "participants", "stream_spans", "key_backups", "blocks", "push_registrations"])
        {
            Assert.Equal(0L, host.Sql($"SELECT count(*) FROM {table} WHERE user_id = @id", ("@id", Guid.Parse(alice.UserId).ToByteArray(bigEndian: true))));
        }

        static async Task<EventSocket> ConnectAsync(Person person)
        {
            var socket = await person.OpenAsync();
            await socket.ExpectHelloAsync();
            await socket.ExpectAsync("PrekeysLow");
            await socket.ExpectNothingElseAsync();
            return socket;
        }
    }

    [Fact]
    public async Task A_direct_chat_stays_for_the_other_side_to_read()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        var own = Guid.NewGuid().ToString();
        await alice.SendAsync(chat, "remember me");
        var sent = await bob.SendAsync(chat, "I will", message => message["client_message_id"] = own);
        var cursor = await bob.CursorAsync();
        (await alice.Http.DeleteAsync("/users/me", alice.Password)).ExpectNothing();

        Assert.Equal(2, (await bob.ListMessagesAsync(chat))["messages"]!.AsArray().Count);
        (await bob.TrySendAsync(chat, [1])).ExpectProblem(403, "blocked");
        // A repeat is known before anything else is looked at.
        Assert.Equal((string?)sent["message_id"], (string?)(await bob.TrySendAsync(chat, [1], message => message["client_message_id"] = own)).Expect(200)["message_id"]);
        (await bob.CreateChatAsync([alice])).ExpectFaults("participant_ids[0]");
        var left = Assert.Single(await bob.SyncAllAsync(cursor));
        Assert.Equal("ParticipantRemoved", (string?)left!["type"]);
        Assert.Equal(alice.UserId, (string?)left["data"]!["user_id"]);

        (await bob.Http.DeleteAsync("/users/me", bob.Password)).ExpectNothing();
        Assert.Equal(0L, host.Sql("SELECT count(*) FROM messages WHERE chat_id = @id", ("@id", Guid.Parse(chat).ToByteArray(bigEndian: true))));
    }

    [Fact]
    public async Task A_group_goes_on_without_and_the_longest_standing_takes_the_office()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        var chat = await alice.CreateGroupAsync(bob, carol);
        (await alice.Http.DeleteAsync("/users/me", alice.Password)).ExpectNothing();
        (await bob.TrySendAsync(chat, [1], message => message["membership_version"] = 1)).ExpectProblem(409, "stale_membership");
        await bob.SendAsync(chat, [1], message => message["membership_version"] = 2);
        var id = ("@id", (object)Guid.Parse(chat).ToByteArray(bigEndian: true));
        Assert.Equal(1L, host.Sql("SELECT count(*) FROM participants WHERE chat_id = @id AND role = 2", id));
        (await bob.Http.DeleteAsync("/users/me", bob.Password)).ExpectNothing();
        Assert.Equal(1L, host.Sql("SELECT count(*) FROM participants WHERE chat_id = @id AND role = 2", id));
        await carol.SendAsync(chat, [1], message => message["membership_version"] = 3);
        (await carol.Http.DeleteAsync("/users/me", carol.Password)).ExpectNothing();
        Assert.Equal(0L, host.Sql("SELECT count(*) FROM chats WHERE chat_id = @id", id));
        Assert.Equal(0L, host.Sql("SELECT count(*) FROM messages WHERE chat_id = @id", id));
    }
}

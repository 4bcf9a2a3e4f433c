using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Chats;

/// <summary>Protocol 4.5: roles.</summary>
public class RoleTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task An_admin_gives_a_role_and_everybody_is_told_while_the_version_stays()
    {
        var (alice, bob, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("eve"));
        var chat = await alice.CreateGroupAsync(bob);
        await using var watch = await Watch.OnAsync(alice, bob, eve);

        var place = (await alice.GiveRoleAsync(chat, bob, "admin")).Expect(200);

        Assert.Equal((await bob.GetChatAsync(chat))["participants"]![1]!.ToJsonString(), place.ToJsonString());
        Assert.Equal("admin", (string?)place["role"]);
        Assert.Equal(AddParticipantTests.Change(chat, bob, by: alice, "admin", version: 1), (await watch.ExpectAsync("ParticipantRoleChanged", alice, bob)).ToJsonString());
        Assert.Equal(1, (int?)(await bob.GetChatAsync(chat))["membership_version"]);
        // Who is one already is told of by nobody.
        (await alice.GiveRoleAsync(chat, bob, "admin")).Expect(200);
        await watch.ExpectNothingAsync();

        (await bob.GiveRoleAsync(chat, alice, "member")).Expect(200);
        await watch.ExpectAsync("ParticipantRoleChanged", alice, bob);
        (await alice.ChangeChatAsync(chat, new JsonObject { ["message_ttl"] = 5 })).ExpectProblem(403, "not_admin");
        (await bob.ChangeChatAsync(chat, new JsonObject { ["message_ttl"] = 5 })).Expect(200);
    }

    [Fact]
    public async Task The_last_admin_stays_one()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateGroupAsync(bob);
        await using var watch = await Watch.OnAsync(alice, bob);
        (await alice.GiveRoleAsync(chat, alice, "member")).ExpectFaults("role");
        (await alice.GiveRoleAsync(chat, alice, "admin")).Expect(200);
        await watch.ExpectNothingAsync();
        Assert.Equal((alice.UserId, "admin"), (await bob.GetChatAsync(chat)).Participants()[0]);
        (await alice.GiveRoleAsync(chat, bob, "admin")).Expect(200);
        (await alice.GiveRoleAsync(chat, alice, "member")).Expect(200);
    }

    [Fact]
    public async Task Who_may_not_give_a_role_does_not()
    {
        var (alice, bob, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("eve"));
        var (chat, direct) = (await alice.CreateGroupAsync(bob), await alice.CreateDirectAsync(bob));
        (await bob.GiveRoleAsync(chat, bob, "admin")).ExpectProblem(403, "not_admin");
        (await bob.GiveRoleAsync(chat, alice, "member")).ExpectProblem(403, "not_admin");
        (await eve.GiveRoleAsync(chat, eve, "admin")).ExpectProblem(404, "not_found");
        (await alice.GiveRoleAsync(chat, eve, "admin")).ExpectProblem(404, "not_found");
        (await alice.GiveRoleAsync(direct, bob, "admin")).ExpectProblem(409, "direct_chat");
        (await eve.GiveRoleAsync(direct, bob, "admin")).ExpectProblem(404, "not_found");
        (await alice.GiveRoleAsync("none", bob, "admin")).ExpectProblem(404, "not_found");
        var body = new JsonObject { ["role"] = "admin" };
        (await alice.Http.PatchAsync($"/api/v1/chats/{chat}/participants/bob", body)).ExpectProblem(404, "not_found");
        (await alice.Http.PatchAsync($"/api/v1/chats/{chat}/participants/{Guid.NewGuid()}", body)).ExpectProblem(404, "not_found");
        foreach (var role in (JsonNode?[])["Admin", "owner", "", 1, null])
        {
            (await alice.Http.PatchAsync($"/api/v1/chats/{chat}/participants/{bob.UserId}", new JsonObject { ["role"] = role })).ExpectFaults("role");
        }
        (await alice.Http.PatchAsync($"/api/v1/chats/{chat}/participants/{bob.UserId}", new JsonObject())).ExpectFaults("role");
        Assert.Equal([(alice.UserId, "admin"), (bob.UserId, "member")], (await alice.GetChatAsync(chat)).Participants());
    }

    [Fact]
    public async Task Of_two_admins_who_resign_at_once_one_remains()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateGroupAsync(bob);
        (await alice.GiveRoleAsync(chat, bob, "admin")).Expect(200);
        var answers = await Task.WhenAll(alice.GiveRoleAsync(chat, alice, "member"), bob.GiveRoleAsync(chat, bob, "member"));
        Assert.Equal([200, 422], answers.Select(answer => answer.Status).Order());
        Assert.Single((await alice.GetChatAsync(chat)).Participants(), one => one.Role == "admin");
    }
}

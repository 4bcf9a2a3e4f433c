using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Blocks;

/// <summary>Protocol 3.8.</summary>
public class BlockTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task A_block_is_listed_until_it_is_lifted()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        foreach (var person in (Person[])[carol, bob, bob])
        {
            (await alice.Http.PutAsync($"/users/me/blocks/{person.PublicId.ToUpperInvariant()}")).ExpectNothing();
        }
        var blocks = (await alice.Http.GetAsync("/users/me/blocks")).Expect(200)["blocks"]!.AsArray();
        Assert.Equal([bob.PublicId, carol.PublicId], blocks.Select(profile => (string)profile!["public_id"]!));
        Assert.Equal(["user_id", "public_id", "display_name", "avatar", "fingerprint"], blocks[0]!.AsObject().Select(member => member.Key));
        Assert.Empty((await bob.Http.GetAsync("/users/me/blocks")).Expect(200)["blocks"]!.AsArray());
        (await alice.Http.DeleteAsync($"/users/me/blocks/{bob.PublicId}")).ExpectNothing();
        (await alice.Http.DeleteAsync($"/users/me/blocks/{bob.PublicId}")).ExpectNothing();
        Assert.Single((await alice.Http.GetAsync("/users/me/blocks")).Expect(200)["blocks"]!.AsArray());
    }

    [Fact]
    public async Task Nobody_and_oneself_can_not_be_blocked()
    {
        var alice = await host.RegisterAsync("alice");
        (await alice.Http.PutAsync("/users/me/blocks/nobody.at.all")).ExpectProblem(404, "not_found");
        (await alice.Http.PutAsync("/users/me/blocks/1")).ExpectProblem(404, "not_found");
        (await alice.Http.DeleteAsync("/users/me/blocks/nobody.at.all")).ExpectProblem(404, "not_found");
        (await alice.Http.PutAsync($"/users/me/blocks/{alice.PublicId}")).ExpectFaults("public_id");
    }

    [Fact]
    public async Task Who_is_blocked_meets_an_account_that_is_not_there()
    {
        var (alice, bob) = (await host.RegisterAsync("alice", registration => registration.WithOneTimePrekeys(1)), await host.RegisterAsync("bob"));
        (await alice.Http.PutAsync($"/users/me/blocks/{bob.PublicId}")).ExpectNothing();

        Assert.Empty(await SearchAsync(bob, alice));
        Assert.Single(await SearchAsync(alice, bob));
        var unknown = new JsonObject { ["participant_ids"] = new JsonArray(Guid.NewGuid().ToString()) };
        var (refused, toNobody) = ((await bob.CreateChatAsync([alice])), await bob.Http.PostAsync("/api/v1/chats", unknown));
        refused.ExpectFaults("participant_ids[0]");
        Assert.Equal(
            ((string)toNobody.Json["errors"]!["participant_ids[0]"]![0]!).Replace((string)unknown["participant_ids"]![0]!, alice.UserId, StringComparison.Ordinal),
            (string?)refused.Json["errors"]!["participant_ids[0]"]![0]);
        (await bob.CreateChatAsync([alice], body => body["type"] = "group")).ExpectFaults("participant_ids[0]");
        (await bob.Http.GetAsync($"/users/{alice.PublicId}/prekeys")).ExpectProblem(404, "not_found");
        Assert.Equal(1, (int)(await alice.Http.GetAsync("/users/me/prekeys")).Expect(200)["one_time_prekey_count"]!);

        // The one who blocks may still write first.
        await alice.CreateDirectAsync(bob);
        (await alice.Http.DeleteAsync($"/users/me/blocks/{bob.PublicId}")).ExpectNothing();
        Assert.Single(await SearchAsync(bob, alice));
        (await bob.Http.GetAsync($"/users/{alice.PublicId}/prekeys")).Expect(200);
    }

    [Fact]
    public async Task Who_is_blocked_can_not_send_into_the_direct_chat_but_into_groups()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var (direct, group) = (await alice.CreateDirectAsync(bob), await bob.CreateGroupAsync(alice));
        var own = Guid.NewGuid().ToString();
        var first = await bob.SendAsync(direct, "before", message => message["client_message_id"] = own);
        (await alice.Http.PutAsync($"/users/me/blocks/{bob.PublicId}")).ExpectNothing();
        var socket = await alice.ConnectAsync();

        (await bob.TrySendAsync(direct, [1])).ExpectProblem(403, "blocked");
        Assert.Equal((string?)first["message_id"], (string?)(await bob.TrySendAsync(direct, [1], message => message["client_message_id"] = own)).Expect(200)["message_id"]);
        await socket.ExpectNothingElseAsync();
        await bob.SendAsync(group, "here we both are");
        await socket.ExpectDataAsync("NewMessage");
        await alice.SendAsync(direct, "I may");
        (await alice.Http.DeleteAsync($"/users/me/blocks/{bob.PublicId}")).ExpectNothing();
        await bob.SendAsync(direct, "after");
    }

    private static async Task<JsonArray> SearchAsync(Person who, Person whom) =>
        (await who.Http.GetAsync($"/users/search?q={whom.PublicId}")).Expect(200)["users"]!.AsArray();
}

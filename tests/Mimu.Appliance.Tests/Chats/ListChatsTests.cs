using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Chats;

/// <summary>Protocol 4.2.</summary>
public class ListChatsTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task Who_is_in_no_chat_has_none()
    {
        var alice = await host.RegisterAsync("alice");
        Assert.Equal("""{"chats":[],"next":null}""", (await alice.TryListChatsAsync()).Expect(200).ToJsonString());
    }

    [Fact]
    public async Task One_chat_and_a_list_say_the_same_and_to_each_what_is_theirs()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var created = (await alice.CreateChatAsync([bob], body => (body["type"], body["encrypted_metadata"], body["message_ttl"]) = ("group", "AAEC", 60))).Expect(201);
        var chat = (string)created["chat_id"]!;
        Assert.Equal(created.ToJsonString(), (await alice.GetChatAsync(chat)).ToJsonString());
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        var sent = await bob.SendAsync(chat, "hello", body => body["client_message_id"] = Guid.NewGuid().ToString());

        foreach (var (person, unread) in ((Person, int)[])[(alice, 1), (bob, 0)])
        {
            var seen = await person.GetChatAsync(chat);
            Assert.Equal(unread, (int?)seen["unread_count"]);
            Assert.Equal((string?)sent["created_at"], (string?)seen["updated_at"]);
            sent["client_message_id"] = person == bob ? (string?)seen["last_message"]!["client_message_id"] : null;
            Assert.Equal(sent.ToJsonString(), seen["last_message"]!.ToJsonString());
            var listed = Assert.Single((await person.TryListChatsAsync()).Expect(200)["chats"]!.AsArray());
            Assert.Equal(seen.ToJsonString(), listed!.ToJsonString());
        }
    }

    [Fact]
    public async Task Only_ones_own_chats_are_there()
    {
        var (alice, bob, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("eve"));
        var chat = await alice.CreateDirectAsync(bob);
        (await eve.TryGetChatAsync(chat)).ExpectProblem(404, "not_found");
        (await eve.TryGetChatAsync(Guid.NewGuid().ToString())).ExpectProblem(404, "not_found");
        (await alice.TryGetChatAsync(chat.ToUpperInvariant())).ExpectProblem(404, "not_found");
        (await alice.TryGetChatAsync("1")).ExpectProblem(404, "not_found");
        Assert.Empty((await eve.ListChatsAsync()).Chats);
        var group = await alice.CreateGroupAsync(bob, eve);
        (await eve.LeaveAsync(group)).ExpectNothing();
        (await eve.TryGetChatAsync(group)).ExpectProblem(404, "not_found");
        Assert.Empty((await eve.ListChatsAsync()).Chats);
    }

    [Fact]
    public async Task Whatever_moves_a_chat_puts_it_first()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        var (a, b) = (await alice.CreateGroupAsync(bob), await alice.CreateGroupAsync(bob));
        await ExpectFirstAsync(b);
        var first = await bob.SendAsync(a, "hello");
        await ExpectFirstAsync(a);
        (await alice.ChangeChatAsync(b, new JsonObject { ["message_ttl"] = 5 })).Expect(200);
        await ExpectFirstAsync(b);
        (await bob.AddAsync(a, carol)).Expect(201);
        await ExpectFirstAsync(a);
        (await alice.GiveRoleAsync(b, bob, "admin")).Expect(200);
        await ExpectFirstAsync(b);
        (await carol.LeaveAsync(a)).ExpectNothing();
        await ExpectFirstAsync(a);
        await bob.SendAsync(b, "hello");
        await ExpectFirstAsync(b);
        // These don't.
        var moved = (string?)(await alice.GetChatAsync(a))["updated_at"];
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        var id = (string)first["message_id"]!;
        (await alice.MarkReadAsync(a, id)).ExpectNothing();
        (await bob.Http.PostAsync($"/api/v1/messages/{id}/edit", new JsonObject { ["encrypted_payload"] = "AQ==" })).Expect(200);
        (await bob.Http.DeleteAsync($"/api/v1/messages/{id}")).ExpectNothing();
        await ExpectFirstAsync(b);
        Assert.Equal(moved, (string?)(await alice.GetChatAsync(a))["updated_at"]);

        async Task ExpectFirstAsync(string chat)
        {
            Assert.Equal(chat, (await alice.ListChatsAsync("?limit=1")).Chats[0]);
            host.Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    [Fact]
    public async Task A_walk_through_the_pages_finds_each_chat_once_while_they_move()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chats = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            chats.Add(await alice.CreateGroupAsync(bob));
        }
        var foreign = await bob.CreateGroupAsync();
        var found = new List<string>();
        var (page, next) = await alice.ListChatsAsync("?limit=2");
        for (var round = 0; ; round++)
        {
            found.AddRange(page);
            if (next is null)
            {
                break;
            }
            Assert.Equal(2, page.Length);
            await bob.SendAsync(chats[round], "one that is still to come");
            await bob.SendAsync(chats[6 - round], "one that has been");
            await alice.CreateGroupAsync(bob);
            if (round == 0)
            {
                (await bob.AddAsync(foreign, alice)).Expect(201);
            }
            (page, next) = await alice.ListChatsAsync($"?limit=2&before={next}");
        }
        chats.Reverse();
        Assert.Equal(chats, found);
    }

    [Fact]
    public async Task A_page_has_as_many_as_asked_for()
    {
        var alice = await host.RegisterAsync("alice");
        for (var i = 0; i < 3; i++)
        {
            await alice.CreateGroupAsync();
        }
        foreach (var (limit, count, more) in ((string, int, bool)[])[("1", 1, true), ("0", 1, true), ("-7", 1, true), ("2", 2, true), ("3", 3, false), ("100000", 3, false)])
        {
            var (chats, next) = await alice.ListChatsAsync($"?limit={limit}");
            Assert.Equal((limit, count, more), (limit, chats.Length, next is not null));
        }
        (await alice.TryListChatsAsync("?limit=many")).ExpectFaults("limit");
        (await alice.TryListChatsAsync("?limit=1&limit=2")).ExpectFaults("limit");
    }

    [Fact]
    public async Task Only_what_a_page_gave_goes_on_from_it()
    {
        await using var other = await Host.Start();
        var (alice, elsewhere) = (await host.RegisterAsync("alice"), await other.RegisterAsync("alice"));
        foreach (var person in (Person[])[alice, elsewhere])
        {
            await person.CreateGroupAsync();
            await person.CreateGroupAsync();
        }
        var next = (await alice.ListChatsAsync("?limit=1")).Next!;
        var foreign = (await elsewhere.ListChatsAsync("?limit=1")).Next!;
        foreach (var text in (string[])["", "none", "AAAA", foreign, next[..^1], next + "A", await alice.CursorAsync(), Guid.NewGuid().ToString()])
        {
            (await alice.TryListChatsAsync($"?before={text}")).ExpectFaults("before");
        }
        (await alice.TryListChatsAsync($"?before={next}&before={next}")).ExpectFaults("before");
        Assert.Single((await alice.ListChatsAsync($"?before={next}")).Chats);
    }
}

using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Chats;

/// <summary>Protocol 4.7.</summary>
public class ReadMarkerTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task Everybody_learns_how_far_somebody_has_read()
    {
        var (alice, bob, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("eve"));
        var chat = await alice.CreateGroupAsync(bob);
        var (one, two) = (await SendAsync(alice, chat), await SendAsync(alice, chat));
        await using var watch = await Watch.OnAsync(alice, bob, eve);

        (await bob.MarkReadAsync(chat, one)).ExpectNothing();

        var expected = new JsonObject { ["chat_id"] = chat, ["user_id"] = bob.UserId, ["message_id"] = one };
        Assert.Equal(expected.ToJsonString(), (await watch.ExpectAsync("MessageRead", alice, bob)).ToJsonString());
        await ExpectReadAsync(bob, chat, one, unread: 1);
        await ExpectReadAsync(alice, chat, null, unread: 0);
        (await bob.MarkReadAsync(chat, two, isPrivate: false)).ExpectNothing();
        await watch.ExpectAsync("MessageRead", alice, bob);
        await ExpectReadAsync(bob, chat, two, unread: 0);
    }

    [Fact]
    public async Task In_private_ones_own_sessions_alone_are_told()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        var message = await SendAsync(alice, chat);
        var tablet = await bob.SignInAgainAsync();
        await using var watch = await Watch.OnAsync(alice, bob, tablet);
        (await bob.MarkReadAsync(chat, message, isPrivate: true)).ExpectNothing();
        await watch.ExpectAsync("MessageRead", bob, tablet);
        await ExpectReadAsync(tablet, chat, message, unread: 0);
    }

    [Fact]
    public async Task It_only_moves_forward()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        var (one, two) = (await SendAsync(alice, chat), await SendAsync(alice, chat));
        (await bob.MarkReadAsync(chat, two)).ExpectNothing();
        await using var watch = await Watch.OnAsync(alice, bob);
        (await bob.MarkReadAsync(chat, one)).ExpectNothing();
        (await bob.MarkReadAsync(chat, two)).ExpectNothing();
        (await bob.MarkReadAsync(chat, one, isPrivate: true)).ExpectNothing();
        await watch.ExpectNothingAsync();
        await ExpectReadAsync(bob, chat, two, unread: 0);
    }

    [Fact]
    public async Task One_of_ones_own_and_one_that_is_gone_serve_too()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        await SendAsync(alice, chat);
        var own = await SendAsync(bob, chat);
        (await bob.MarkReadAsync(chat, own)).ExpectNothing();
        await ExpectReadAsync(bob, chat, own, unread: 0);
        var deleted = await SendAsync(alice, chat);
        (await alice.Http.DeleteAsync($"/api/v1/messages/{deleted}")).ExpectNothing();
        await ExpectReadAsync(bob, chat, own, unread: 0);
        (await bob.MarkReadAsync(chat, deleted)).ExpectNothing();
        await ExpectReadAsync(bob, chat, deleted, unread: 0);
        var expired = (string)(await alice.SendAsync(chat, "soon gone", body => body["expires_in"] = 1))["message_id"]!;
        await ExpectReadAsync(bob, chat, deleted, unread: 1);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        await ExpectReadAsync(bob, chat, deleted, unread: 0);
        (await bob.MarkReadAsync(chat, expired)).ExpectNothing();
        await ExpectReadAsync(bob, chat, expired, unread: 0);
    }

    [Fact]
    public async Task What_is_not_a_message_of_this_chat_that_one_sees_is_a_fault()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        var (chat, other) = (await alice.CreateGroupAsync(bob), await alice.CreateDirectAsync(bob));
        var (before, elsewhere) = (await SendAsync(alice, chat), await SendAsync(alice, other));
        (await alice.AddAsync(chat, carol)).Expect(201);
        await using var watch = await Watch.OnAsync(alice, bob, carol);
        (await carol.MarkReadAsync(chat, before)).ExpectFaults("message_id");
        (await bob.MarkReadAsync(chat, elsewhere)).ExpectFaults("message_id");
        (await bob.MarkReadAsync(chat, Guid.NewGuid().ToString())).ExpectFaults("message_id");
        (await bob.MarkReadAsync(chat, "the last one")).ExpectFaults("message_id");
        (await bob.Http.PutAsync($"/api/v1/chats/{chat}/read-marker", new JsonObject { ["private"] = "yes" })).ExpectFaults("message_id", "private");
        await watch.ExpectNothingAsync();
        await ExpectReadAsync(carol, chat, null, unread: 0);
        await ExpectReadAsync(bob, chat, null, unread: 1);
    }

    [Fact]
    public async Task A_stranger_reads_nothing()
    {
        var (alice, bob, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("eve"));
        var chat = await alice.CreateDirectAsync(bob);
        var message = await SendAsync(alice, chat);
        await using var watch = await Watch.OnAsync(alice, bob);
        (await eve.MarkReadAsync(chat, message)).ExpectProblem(404, "not_found");
        (await bob.MarkReadAsync("none", message)).ExpectProblem(404, "not_found");
        (await bob.MarkReadAsync(Guid.NewGuid().ToString(), message)).ExpectProblem(404, "not_found");
        await watch.ExpectNothingAsync();
    }

    [Fact]
    public async Task Of_many_at_once_the_furthest_stays()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        var messages = new List<string>();
        for (var i = 0; i < 20; i++)
        {
            messages.Add(await SendAsync(alice, chat));
        }
        var start = await alice.CursorAsync();
        Assert.All(await Task.WhenAll(messages.Select(message => bob.MarkReadAsync(chat, message))), answer => answer.ExpectNothing());
        await ExpectReadAsync(bob, chat, messages[^1], unread: 0);
        var told = (await alice.SyncAllAsync(start)).ConvertAll(happened => messages.IndexOf((string)happened["data"]!["message_id"]!));
        Assert.Equal(told.Order().Distinct(), told);
        Assert.Equal(19, told[^1]);
    }

    private static async Task<string> SendAsync(Person person, string chat) => (string)(await person.SendAsync(chat, "hello"))["message_id"]!;

    private static async Task ExpectReadAsync(Person person, string chat, string? marker, int unread)
    {
        var seen = await person.GetChatAsync(chat);
        Assert.Equal((marker, unread), ((string?)seen["read_marker"], (int)seen["unread_count"]!));
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Messages;

/// <summary>Protocol 5.2.</summary>
public class ListTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task Messages_are_listed_newest_first_page_by_page()
    {
        var (_, bob, chat, ids) = await ChatWithAsync(7);
        await ExpectAsync(bob, chat, "&limit=3", [ids[6], ids[5], ids[4]], hasMore: true);
        await ExpectAsync(bob, chat, $"&limit=3&before={ids[4]}", [ids[3], ids[2], ids[1]], hasMore: true);
        await ExpectAsync(bob, chat, $"&limit=3&before={ids[1]}", [ids[0]], hasMore: false);
        await ExpectAsync(bob, chat, $"&before={ids[0]}", [], hasMore: false);
        await ExpectAsync(bob, chat, "&limit=7", [.. ids.Reverse()], hasMore: false);
        await ExpectAsync(bob, chat, "", [.. ids.Reverse()], hasMore: false);
    }

    [Fact]
    public async Task After_lists_oldest_first()
    {
        var (alice, _, chat, ids) = await ChatWithAsync(5);
        await ExpectAsync(alice, chat, $"&after={ids[0]}&limit=2", [ids[1], ids[2]], hasMore: true);
        await ExpectAsync(alice, chat, $"&after={ids[2]}&limit=2", [ids[3], ids[4]], hasMore: false);
        await ExpectAsync(alice, chat, $"&after={ids[4]}", [], hasMore: false);
    }

    [Fact]
    public async Task Fifty_is_the_default_and_limits_are_clamped()
    {
        var (alice, _, chat, ids) = await ChatWithAsync(101);
        foreach (var (limit, count) in ((string, int)[])[
            ("", 50), ("&limit=1", 1), ("&limit=100", 100), ("&limit=101", 100), ("&limit=999999999999999999999", 100), ("&limit=2147483648", 100),
            ("&limit=0", 1), ("&limit=-5", 1), ("&limit=-0", 1), ("&limit=-999999999999999999999", 1), ("&limit=007", 7)])
        {
            await ExpectAsync(alice, chat, limit, [.. ids.Reverse().Take(count)], hasMore: true);
        }
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("%2B5")] // +5
    [InlineData("5.0")]
    [InlineData("1e2")]
    [InlineData("0x10")]
    [InlineData("%205")]
    [InlineData("5%20")]
    [InlineData("--5")]
    [InlineData("%D9%A5")] // an Arabic five
    [InlineData("5&limit=5")]
    public async Task A_limit_that_is_no_whole_number_is_not_valid(string limit)
    {
        var (alice, _, chat, _) = await ChatWithAsync(1);
        (await alice.Http.GetAsync($"/api/v1/messages?chat_id={chat}&limit={limit}")).ExpectFaults("limit");
    }

    [Fact]
    public async Task All_faults_of_a_query_are_told_at_once()
    {
        var (alice, bob, chat, ids) = await ChatWithAsync(2);
        var other = await alice.CreateGroupAsync(bob);
        (await alice.Http.GetAsync("/api/v1/messages")).ExpectFaults("chat_id");
        (await alice.Http.GetAsync($"/api/v1/messages?chat_id={chat.ToUpperInvariant()}&before=x&after=&limit=many")).ExpectFaults("chat_id", "before", "after", "limit");
        (await alice.Http.GetAsync($"/api/v1/messages?chat_id={chat}&chat_id={other}&before={ids[0]}&before={ids[1]}")).ExpectFaults("chat_id", "before");
        (await alice.Http.GetAsync($"/api/v1/messages?chat_id={chat}&before={ids[1]}&after={ids[0]}")).ExpectFaults("after");
        (await alice.Http.GetAsync($"/api/v1/messages?chat_id={other}&before={ids[1]}")).ExpectFaults("before");
        (await alice.Http.GetAsync($"/api/v1/messages?chat_id={other}&after={ids[1]}")).ExpectFaults("after");
        (await alice.Http.GetAsync($"/api/v1/messages?chat_id={chat}&after={Guid.CreateVersion7()}")).ExpectFaults("after");
    }

    [Fact]
    public async Task A_chat_that_is_not_one_s_own_is_not_found()
    {
        var (_, _, chat, ids) = await ChatWithAsync(2);
        var eve = await host.RegisterAsync("eve");
        foreach (var query in (string[])[$"chat_id={chat}", $"chat_id={chat}&before={ids[1]}", $"chat_id={chat}&after={ids[0]}", $"chat_id={Guid.CreateVersion7()}"])
        {
            (await eve.Http.GetAsync($"/api/v1/messages?{query}")).ExpectProblem(404, "not_found");
        }
    }

    [Fact]
    public async Task Messages_that_are_gone_still_serve_as_ends()
    {
        var (alice, bob, chat, ids) = await ChatWithAsync(3);
        var expiring = (string)(await alice.SendAsync(chat, "soon gone", body => body["expires_in"] = 5))["message_id"]!;
        var last = (string)(await alice.SendAsync(chat, "stays"))["message_id"]!;
        host.Sql("UPDATE messages SET is_deleted = 1, payload = x'' WHERE message_id = unhex(@id)", ("@id", ids[1].Replace("-", "", StringComparison.Ordinal)));
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        await ExpectAsync(bob, chat, "", [last, ids[2], ids[0]], hasMore: false);
        await ExpectAsync(bob, chat, "&limit=2", [last, ids[2]], hasMore: true);
        await ExpectAsync(bob, chat, $"&before={expiring}", [ids[2], ids[0]], hasMore: false);
        await ExpectAsync(bob, chat, $"&after={ids[1]}", [ids[2], last], hasMore: false);
        await ExpectAsync(bob, chat, $"&before={ids[1]}&limit=1", [ids[0]], hasMore: false);
    }

    [Fact]
    public async Task The_order_is_the_same_for_everyone_also_of_messages_of_one_moment()
    {
        var (alice, bob, chat, _) = await ChatWithAsync(0);
        var before = await alice.CursorAsync();
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => (i % 2 == 0 ? alice : bob).SendAsync(chat, $"at once {i.ToString(CultureInfo.InvariantCulture)}")));
        var listed = IdsOf(await alice.ListMessagesAsync(chat, "&limit=100"));
        Assert.Equal(60, listed.Distinct().Count());
        Assert.Equal(listed, IdsOf(await bob.ListMessagesAsync(chat, "&limit=100")));
        foreach (var person in (Person[])[alice, bob])
        {
            Assert.Equal(listed.Reverse(), (await person.SyncAllAsync(before)).Select(happened => (string)happened["data"]!["message_id"]!));
        }
    }

    private async Task<(Person Alice, Person Bob, string Chat, string[] Ids)> ChatWithAsync(int messages)
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        var ids = new List<string>();
        for (var i = 0; i < messages; i++)
        {
            ids.Add((string)(await alice.SendAsync(chat, Encoding.UTF8.GetBytes($"message {i.ToString(CultureInfo.InvariantCulture)}")))["message_id"]!);
        }
        return (alice, bob, chat, [.. ids]);
    }

    private static async Task ExpectAsync(Person person, string chat, string more, string[] ids, bool hasMore)
    {
        var page = await person.ListMessagesAsync(chat, more);
        Assert.Equal(ids, IdsOf(page));
        Assert.Equal(hasMore, (bool?)page["has_more"]);
    }

    private static string[] IdsOf(JsonObject page) => [.. page["messages"]!.AsArray().Select(message => (string)message!["message_id"]!)];
}

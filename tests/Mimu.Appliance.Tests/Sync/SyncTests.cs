using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Events;

namespace Mimu.Appliance.Tests.Sync;

/// <summary>Protocol section 6, by pull.</summary>
public class SyncTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task Without_since_there_are_no_events_and_the_present_end()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        await alice.SendAsync(await alice.CreateDirectAsync(bob), "hello");
        var page = (await bob.Http.GetAsync("/api/v1/sync")).Expect(200);
        Assert.Empty(page["events"]!.AsArray());
        Assert.False((bool)page["has_more"]!);
        var next = await bob.SyncAsync((string)page["cursor"]!);
        Assert.Empty(next["events"]!.AsArray());
        Assert.Equal((string?)page["cursor"], (string?)next["cursor"]);
    }

    [Fact]
    public async Task Events_come_in_order_to_everyone_whom_they_concern_and_to_nobody_else()
    {
        var (alice, bob, eve) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("eve"));
        var before = await bob.CursorAsync();
        var chat = await alice.CreateDirectAsync(bob);
        var one = await alice.SendAsync(chat, "one");
        var two = await bob.SendAsync(chat, "two");
        foreach (var person in (Person[])[alice, bob])
        {
            var events = await person.SyncAllAsync(before);
            Assert.Equal(["ChatCreated", "NewMessage", "NewMessage"], events.Select(happened => (string)happened["type"]!));
            Assert.Equal(chat, (string?)events[0]["data"]!["chat_id"]);
            Assert.Equal(one.ToJsonString(), events[1]["data"]!.ToJsonString());
            Assert.Equal(two.ToJsonString(), events[2]["data"]!.ToJsonString());
            Assert.Equal(3, events.Select(happened => (string)happened["cursor"]!).Distinct().Count());
            // From each event's own cursor on come the ones behind it.
            Assert.Equal(2, (await person.SyncAllAsync((string)events[0]["cursor"]!)).Count);
            Assert.Single(await person.SyncAllAsync((string)events[1]["cursor"]!));
            Assert.Empty(await person.SyncAllAsync((string)events[2]["cursor"]!));
        }
        Assert.Empty(await eve.SyncAllAsync(before));
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        var before = await bob.CursorAsync();
        var sent = new List<string>();
        for (var i = 0; i < 7; i++)
        {
            sent.Add((string)(await alice.SendAsync(chat, [(byte)i]))["message_id"]!);
        }
        var (cursor, got) = (before, new List<string>());
        foreach (var (count, hasMore) in ((int, bool)[])[(3, true), (3, true), (1, false), (0, false)])
        {
            var page = await bob.SyncAsync(cursor, "&limit=3");
            Assert.Equal(count, page["events"]!.AsArray().Count);
            Assert.Equal(hasMore, (bool?)page["has_more"]);
            got.AddRange(page["events"]!.AsArray().Select(happened => (string)happened!["data"]!["message_id"]!));
            cursor = (string)page["cursor"]!;
        }
        Assert.Equal(sent, got);
        // Just as many as there are: nothing more is promised.
        Assert.False((bool?)(await bob.SyncAsync(before, "&limit=7"))["has_more"]);
        Assert.Single((await bob.SyncAsync(before, "&limit=-1"))["events"]!.AsArray());
        (await bob.Http.GetAsync($"/api/v1/sync?since={before}&limit=x")).ExpectFaults("limit");
        (await bob.Http.GetAsync($"/api/v1/sync?since={before}&since={before}")).ExpectFaults("since");
    }

    [Fact]
    public async Task A_page_of_large_messages_ends_before_its_limit()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        var before = await bob.CursorAsync();
        for (var i = 0; i < 8; i++)
        {
            await alice.SendAsync(chat, new byte[200 * 1024]);
        }
        var page = await bob.SyncAsync(before);
        Assert.InRange(page["events"]!.AsArray().Count, 1, 7);
        Assert.True((bool)page["has_more"]!);
        Assert.Equal(8, (await bob.SyncAllAsync(before)).Count);
    }

    [Fact]
    public async Task Who_was_away_while_others_wrote_much_gets_the_little_that_is_theirs()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        var (theirs, others) = (await alice.CreateDirectAsync(bob), await alice.CreateDirectAsync(carol));
        var before = await bob.CursorAsync();
        await alice.SendAsync(theirs, "first");
        await alice.SendManyAsync(others, 300);
        await alice.SendAsync(theirs, "last");
        var page = await bob.SyncAsync(before, "&limit=2");
        Assert.Equal(2, page["events"]!.AsArray().Count);
        Assert.False((bool)page["has_more"]!);
    }

    [Fact]
    public async Task A_message_that_is_gone_is_left_out_and_the_rest_comes()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        var before = await bob.CursorAsync();
        var sent = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            sent.Add((string)(await alice.SendAsync(chat, [(byte)i], body => body["expires_in"] = i % 2 == 0 ? 10 : null))["message_id"]!);
        }
        host.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(sent.Where((_, i) => i % 2 == 1), (await bob.SyncAllAsync(before)).Select(happened => (string)happened["data"]!["message_id"]!));
        var page = await bob.SyncAsync(before, "&limit=5");
        Assert.Equal(5, page["events"]!.AsArray().Count);
        Assert.False((bool)page["has_more"]!);
    }

    [Fact]
    public async Task A_cursor_that_was_not_handed_out_or_lies_beyond_the_end_has_expired()
    {
        var alice = await host.RegisterAsync("alice");
        Assert.True(Cursor.TryParse(await alice.CursorAsync(), out var end));
        foreach (var since in (string[])["", "garbage", "%00", "AAAAAAAAAAAAAAAA", new string('x', 1000), end.ToString() + "A", end.ToString()[..^1],
            (end with { Epoch = end.Epoch + 1 }).ToString(), (end with { Position = end.Position + 1_000_000 }).ToString(), (end with { Position = -1 }).ToString(), "0", "-1"])
        {
            (await alice.Http.GetAsync($"/api/v1/sync?since={since}")).ExpectProblem(410, "cursor_expired");
        }
        (await alice.Http.GetAsync($"/api/v1/sync?since={end with { Position = 0 }}")).Expect(200);
    }

    [Fact]
    public async Task A_cursor_of_another_server_has_expired()
    {
        await using var other = await Host.Start();
        var (alice, bob) = (await host.RegisterAsync("alice"), await other.RegisterAsync("bob"));
        (await bob.Http.GetAsync($"/api/v1/sync?since={await alice.CursorAsync()}")).ExpectProblem(410, "cursor_expired");
    }

    [Fact]
    public async Task A_first_event_reaches_who_registered_a_moment_ago()
    {
        var alice = await host.RegisterAsync("alice");
        var start = await alice.CursorAsync();
        var bob = await host.RegisterAsync("bob");
        var chat = await alice.CreateDirectAsync(bob);
        Assert.Equal(chat, (string?)Assert.Single(await bob.SyncAllAsync(start))["data"]!["chat_id"]);
    }
}

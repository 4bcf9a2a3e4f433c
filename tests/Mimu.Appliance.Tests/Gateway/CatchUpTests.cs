using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Events;

namespace Mimu.Appliance.Tests.Gateway;

/// <summary>Protocol sections 6 and 7: who was away gets everything, in order, and then what is live.</summary>
public class CatchUpTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task Missed_events_come_first_and_then_live_ones()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var before = await bob.CursorAsync();
        var chat = await alice.CreateDirectAsync(bob);
        for (var i = 0; i < 250; i++)
        {
            await alice.SendAsync(chat, BitConverter.GetBytes(i));
        }
        var expected = await bob.SyncAllAsync(before);
        Assert.Equal(251, expected.Count);
        await using var socket = await bob.ConnectAsync(before);
        Assert.Equal((string?)expected[^1]["cursor"], socket.HelloCursor);
        foreach (var happened in expected)
        {
            Assert.Equal(happened.ToJsonString(), (await socket.ExpectAsync((string)happened["type"]!)).ToJsonString());
        }
        await socket.ExpectNothingElseAsync();
        var live = await alice.SendAsync(chat, "live");
        Assert.Equal(live.ToJsonString(), (await socket.ExpectDataAsync("NewMessage")).ToJsonString());
        await socket.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task Since_the_end_nothing_was_missed()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        await using var socket = await bob.ConnectAsync(await bob.CursorAsync());
        await socket.ExpectNothingElseAsync();
        await alice.SendAsync(chat, "live");
        await socket.ExpectAsync("NewMessage");
    }

    [Fact]
    public async Task A_cursor_that_is_not_served_is_told_and_live_events_follow()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        Assert.True(Cursor.TryParse(await bob.CursorAsync(), out var end));
        foreach (var since in (string[])["", "garbage", "\0", (end with { Epoch = end.Epoch ^ 1 }).ToString(), (end with { Position = end.Position + 1_000_000 }).ToString()])
        {
            await using var socket = await bob.ConnectAsync(since);
            Assert.Equal("""{"type":"ResyncRequired"}""", (await socket.ExpectAsync("ResyncRequired")).ToJsonString());
            await socket.ExpectNothingElseAsync();
            await alice.SendAsync(chat, "live");
            await socket.ExpectAsync("NewMessage");
            await socket.ExpectNothingElseAsync();
        }
    }

    [Fact]
    public async Task Reconnecting_at_any_moment_loses_nothing_and_repeats_nothing()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        var chats = (string[])[await alice.CreateDirectAsync(bob), await alice.CreateGroupAsync(bob, carol), await carol.CreateDirectAsync(bob)];
        var start = await bob.CursorAsync();
        const int Messages = 600;
        var sending = Task.WhenAll(SendAsync(alice, chats[0]), SendAsync(alice, chats[1]), SendAsync(carol, chats[2]));

        var (cursor, got) = (start, new List<string>());
        while (got.Count < Messages)
        {
            await using var socket = await bob.OpenAsync(cursor);
            await socket.ExpectHelloAsync();
            // Away again after a few events: within the missed ones, between them and the live ones, or later.
            for (var left = RandomNumberGenerator.GetInt32(1, 60); left > 0 && got.Count < Messages; left--)
            {
                var happened = await socket.ExpectAsync("NewMessage");
                got.Add(happened.ToJsonString());
                cursor = (string)happened["cursor"]!;
            }
        }
        await Deadline.For("all to be sent", sending);
        Assert.Equal((await bob.SyncAllAsync(start)).Select(happened => happened.ToJsonString()), got);
        await using var last = await bob.ConnectAsync(cursor);
        await last.ExpectNothingElseAsync();

        static async Task SendAsync(Person who, string chat)
        {
            for (var i = 0; i < Messages / 3; i += 4)
            {
                await who.SendManyAsync(chat, 4);
            }
        }
    }

    [Fact]
    public async Task Many_sockets_that_open_while_much_is_sent_all_see_the_same()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        var start = await bob.CursorAsync();
        const int Messages = 300;
        var sending = alice.SendManyAsync(chat, Messages);
        var seen = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            await using var socket = await bob.OpenAsync(start);
            await socket.ExpectHelloAsync();
            var events = new List<string>();
            while (events.Count < Messages)
            {
                events.Add((await socket.ExpectAsync("NewMessage")).ToJsonString());
            }
            await socket.ExpectNothingElseAsync();
            return events;
        }));
        await sending;
        var expected = (await bob.SyncAllAsync(start)).Select(happened => happened.ToJsonString()).ToList();
        Assert.All(seen, events => Assert.Equal(expected, events));
    }

    [Fact]
    public async Task Large_messages_are_caught_up_with_too()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        var start = await bob.CursorAsync();
        var sent = new List<JsonObject>();
        for (var i = 0; i < 10; i++)
        {
            sent.Add(await alice.SendAsync(chat, RandomNumberGenerator.GetBytes(256 * 1024)));
        }
        await using var socket = await bob.ConnectAsync(start);
        foreach (var message in sent)
        {
            Assert.Equal(message.ToJsonString(), (await socket.ExpectDataAsync("NewMessage")).ToJsonString());
        }
        await socket.ExpectNothingElseAsync();
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Messages;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Messages;

/// <summary>Protocol 5.6 and the end of old cursors (6): what is erased because its time has come.</summary>
public sealed class ErasingTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 22, 18, 50, 0, TimeSpan.Zero));
    private Host? _host;

    public ValueTask DisposeAsync() => _host is null ? default : new(_host.DisposeAsync());

    [Fact]
    public async Task An_expired_message_is_erased_from_the_database_and_no_event_tells_of_it()
    {
        var (alice, bob, chat) = await StartAsync();
        var before = await bob.CursorAsync();
        var lasting = await alice.SendAsync(chat, "lasting");
        var own = Guid.NewGuid().ToString();
        var expiring = await alice.SendAsync(chat, "expiring", body => (body["expires_in"], body["client_message_id"]) = (10, own));
        await bob.ConnectAsync();
        Assert.Equal(2, (int?)(await bob.ChatAsync(chat))["unread_count"]);
        _clock.Advance(TimeSpan.FromSeconds(10) - TimeSpan.FromMilliseconds(1));
        await EraseAsync();
        Assert.Equal(expiring["message_id"]!.ToJsonString(), (await bob.ChatAsync(chat))["last_message"]!["message_id"]!.ToJsonString());

        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await EraseAsync();

        Assert.Equal(1L, _host!.Sql("SELECT count(*) FROM messages WHERE payload = x'' AND is_deleted = 1"));
        var view = await bob.ChatAsync(chat);
        Assert.Equal((string?)lasting["message_id"], (string?)view["last_message"]!["message_id"]);
        Assert.Equal(1, (int?)view["unread_count"]);
        await bob.Socket.ExpectNothingElseAsync();
        Assert.Equal("NewMessage", (string?)Assert.Single(await bob.SyncAllAsync(before))["type"]);
        (await bob.GetMessageAsync(expiring)).ExpectProblem(404, "not_found");
        Assert.Equal("", (string?)(await alice.TrySendAsync(chat, [1], body => body["client_message_id"] = own)).Expect(200)["encrypted_payload"]);
        Assert.Empty((await bob.ListMessagesAsync(chat, $"&after={expiring["message_id"]}"))["messages"]!.AsArray());
        // To delete it tells nobody anything new.
        await alice.DeleteAsync(expiring);
        await bob.Socket.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task It_happens_by_itself_within_a_minute()
    {
        var (alice, _, chat) = await StartAsync();
        await alice.SendAsync(chat, "expiring", body => body["expires_in"] = 1);
        await Deadline.Until("the payload to be erased", () =>
        {
            _clock.Advance(TimeSpan.FromSeconds(30));
            return (long)_host!.Sql("SELECT count(*) FROM messages WHERE payload = x''")! == 1;
        });
    }

    [Fact]
    public async Task Messages_that_are_older_than_the_retention_are_removed_and_their_ids_serve_no_longer()
    {
        var (alice, bob, chat) = await StartAsync(options => options.Messages.Retention = TimeSpan.FromMinutes(10));
        var old = await alice.SendAsync(chat, "old");
        _clock.Advance(TimeSpan.FromMinutes(5));
        var young = await alice.SendAsync(chat, "young");
        var updated = (string)(await bob.ChatAsync(chat))["updated_at"]!;
        _clock.Advance(TimeSpan.FromMinutes(5));
        await EraseAsync();
        (await bob.GetMessageAsync(old)).Expect(200);
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        await EraseAsync();
        (await bob.GetMessageAsync(old)).ExpectProblem(404, "not_found");
        (await bob.Http.GetAsync($"/api/v1/messages?chat_id={chat}&after={old["message_id"]}")).ExpectFaults("after");
        (await bob.GetMessageAsync(young)).Expect(200);
        _clock.Advance(TimeSpan.FromMinutes(4));
        await EraseAsync();
        _clock.Advance(TimeSpan.FromMinutes(1));
        await alice.RefreshAsync();
        await bob.RefreshAsync();
        await EraseAsync();
        var view = await bob.ChatAsync(chat);
        Assert.Null(view["last_message"]);
        Assert.Equal(0, (int?)view["unread_count"]);
        Assert.Equal(updated, (string?)view["updated_at"]);
        Assert.Equal(0L, _host!.Sql("SELECT count(*) FROM messages WHERE message_id IS NOT NULL OR length(payload) > 0"));
    }

    [Fact]
    public async Task Cursors_that_are_older_than_events_are_kept_have_expired_over_both_doors()
    {
        var (alice, bob, chat) = await StartAsync(options => options.Events.Retention = TimeSpan.FromMinutes(10));
        var old = await bob.CursorAsync();
        var sent = await alice.SendAsync(chat, "hello");
        await alice.DeleteAsync(sent);
        _clock.Advance(TimeSpan.FromMinutes(1));
        await EraseAsync();
        _clock.Advance(TimeSpan.FromMinutes(8));
        await EraseAsync();
        Assert.Equal("MessageDeleted", (string?)Assert.Single(await bob.SyncAllAsync(old))["type"]);
        var young = await bob.CursorAsync();
        await alice.SendAsync(chat, "young");
        _clock.Advance(TimeSpan.FromMinutes(2));
        await EraseAsync();

        (await bob.Http.GetAsync($"/api/v1/sync?since={old}")).ExpectProblem(410, "cursor_expired");
        await using var lost = await bob.ConnectAsync(old);
        await lost.ExpectAsync("ResyncRequired");
        await lost.ExpectNothingElseAsync();
        Assert.Single(await bob.SyncAllAsync(young));
        await using var found = await bob.ConnectAsync(young);
        await found.ExpectAsync("NewMessage");
        Assert.Equal(0L, _host!.Sql("SELECT count(*) FROM events WHERE type = 'MessageDeleted'"));
        // Begin afresh.
        Assert.Single((await bob.ListMessagesAsync(chat))["messages"]!.AsArray());
        Assert.Empty(await bob.SyncAllAsync(await bob.CursorAsync()));
    }

    private async Task<(Person Alice, Person Bob, string Chat)> StartAsync(Action<MimuOptions>? settings = null)
    {
        _host = await Host.Start(settings, _clock);
        var (alice, bob) = (await _host.RegisterAsync("alice"), await _host.RegisterAsync("bob"));
        return (alice, bob, await alice.CreateDirectAsync(bob));
    }

    private Task EraseAsync() => _host!.Services.GetRequiredService<ErasingWorker>().RunOnceAsync(default);
}

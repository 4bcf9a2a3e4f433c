using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Messages;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Server;

/// <summary>A clock that jumps by an hour, either way: order comes from the stream, and what has a time of its own keeps to it.</summary>
public sealed class ClockJumpTests : IAsyncDisposable
{
    private static readonly TimeSpan _hour = TimeSpan.FromHours(1);

    /// <summary>There and back, and beyond, and back to where it was.</summary>
    private static readonly TimeSpan[] _jumps = [_hour, -_hour, -_hour, _hour];

    private readonly JumpingClock _clock = new();
    private Host? _host;
    private Person _alice = null!;
    private Person _bob = null!;

    public ValueTask DisposeAsync() => _host is null ? default : new(_host.DisposeAsync());

    [Fact]
    public async Task Messages_are_listed_and_streamed_in_the_order_in_which_they_were_sent()
    {
        await StartAsync();
        var chat = await _alice.CreateDirectAsync(_bob);
        var start = await _bob.CursorAsync();
        var sent = new List<string>();
        await SendAsync();
        foreach (var jump in _jumps)
        {
            _clock.Jump(jump);
            await RefreshAsync();
            await SendAsync();

            Assert.Equal(sent, await StreamAsync(start));
            Assert.Equal(Enumerable.Reverse(sent), Ids((await _bob.ListMessagesAsync(chat))["messages"]!));
            Assert.Equal(sent[1..], Ids((await _bob.ListMessagesAsync(chat, $"&after={sent[0]}"))["messages"]!));
            Assert.Equal(sent[^1], (string?)(await _bob.ChatAsync(chat))["last_message"]!["message_id"]);
            Assert.Equal(sent.Count, (int?)(await _bob.ChatAsync(chat))["unread_count"]);
        }

        async Task SendAsync()
        {
            for (var i = 0; i < 2; i++)
            {
                sent.Add((string)(await _alice.SendAsync(chat, $"{sent.Count}"))["message_id"]!);
            }
        }
    }

    [Fact]
    public async Task A_cursor_goes_on_from_where_it_was_over_both_doors()
    {
        await StartAsync();
        var chat = await _alice.CreateDirectAsync(_bob);
        foreach (var jump in _jumps)
        {
            var cursor = await _bob.CursorAsync();
            _clock.Jump(jump);
            await RefreshAsync();
            await EraseAsync();
            var id = (string)(await _alice.SendAsync(chat, "after the jump"))["message_id"]!;

            Assert.Equal([id], await StreamAsync(cursor));
            await using var socket = await _bob.ConnectAsync(cursor);
            Assert.Equal(id, (string?)(await socket.ExpectAsync("NewMessage"))["data"]!["message_id"]);
            await socket.ExpectNothingElseAsync();
            Assert.Equal((string?)(await _bob.SyncAsync(cursor))["cursor"], await _bob.CursorAsync());
        }
    }

    [Fact]
    public async Task The_chat_that_was_active_last_stands_first()
    {
        await StartAsync();
        var (a, b) = (await _alice.CreateGroupAsync(_bob), await _alice.CreateGroupAsync(_bob));
        foreach (var jump in _jumps)
        {
            _clock.Jump(jump);
            await RefreshAsync();
            await _alice.SendAsync(a, "hello");
            Assert.Equal([a, b], (await _bob.ListChatsAsync()).Chats);
            await _alice.SendAsync(b, "hello");
            Assert.Equal([b, a], (await _bob.ListChatsAsync()).Chats);
        }
    }

    [Fact]
    public async Task Sessions_go_on_and_tokens_keep_their_limits()
    {
        await StartAsync();
        (await _alice.Http.GetAsync("/users/me")).Expect(200);
        _clock.Jump(_hour);
        // Its 15 minutes are over.
        (await _alice.Http.GetAsync("/users/me")).ExpectProblem(401, "token_expired");
        await _alice.RefreshAsync();
        (await _alice.Http.GetAsync("/users/me")).Expect(200);

        _clock.Jump(-2 * _hour);
        // Nobody has shown this one before, and it is from the future.
        (await _bob.Http.GetAsync("/users/me")).ExpectProblem(401, "unauthorized");
        await RefreshAsync();
        foreach (var person in (Person[])[_alice, _bob])
        {
            var sessions = (await person.Http.GetAsync("/auth/sessions")).Expect(200)["sessions"]!.AsArray();
            Assert.Equal(person.SessionId, (string?)Assert.Single(sessions)!["session_id"]);
        }
        (await (await _alice.SignInAgainAsync()).Http.GetAsync("/users/me")).Expect(200);

        // A refresh token that was used is known to have been, whatever the time.
        var used = _bob.RefreshToken;
        await _bob.RefreshAsync();
        _clock.Jump(-_hour);
        (await _bob.TryRefreshAsync(used)).ExpectProblem(401, "refresh_token_reused");
    }

    [Fact]
    public async Task Nothing_is_erased_before_its_time()
    {
        await StartAsync(options => (options.Messages.Retention, options.Events.Retention) = (5 * _hour, 5 * _hour));
        var chat = await _alice.CreateDirectAsync(_bob);
        var start = await _bob.CursorAsync();
        var lasting = await _alice.SendAsync(chat, "lasting");
        var expiring = await _alice.SendAsync(chat, "expiring", body => body["expires_in"] = 2 * 3600);
        foreach (var jump in _jumps)
        {
            _clock.Jump(jump);
            await RefreshAsync();
            await EraseAsync();
            (await _bob.GetMessageAsync(lasting)).Expect(200);
            (await _bob.GetMessageAsync(expiring)).Expect(200);
            Assert.Equal(2, (await _bob.SyncAllAsync(start)).Count);
        }

        _clock.Jump(2 * _hour);
        await RefreshAsync();
        await EraseAsync();
        (await _bob.GetMessageAsync(lasting)).Expect(200);
        (await _bob.GetMessageAsync(expiring)).ExpectProblem(404, "not_found");
        Assert.Single(await _bob.SyncAllAsync(start));
    }

    private async Task StartAsync(Action<MimuOptions>? settings = null)
    {
        _host = await Host.Start(settings, _clock);
        (_alice, _bob) = (await _host.RegisterAsync("alice"), await _host.RegisterAsync("bob"));
    }

    private Task RefreshAsync() => Task.WhenAll(_alice.RefreshAsync(), _bob.RefreshAsync());

    private Task EraseAsync() => _host!.Services.GetRequiredService<ErasingWorker>().RunOnceAsync(default);

    private async Task<List<string>> StreamAsync(string since) => [.. (await _bob.SyncAllAsync(since)).Select(happened => (string)happened["data"]!["message_id"]!)];

    private static List<string> Ids(JsonNode messages) => [.. messages.AsArray().Select(message => (string)message!["message_id"]!)];
}

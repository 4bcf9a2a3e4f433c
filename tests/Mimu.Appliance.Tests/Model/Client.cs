using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Model;

/// <summary>
/// Somebody's device: a session, a cursor, and perhaps a socket. Whatever it reads, by sync or by socket, must be what the model's stream has after its cursor.
/// </summary>
internal sealed class Client(World world, User user, string name, string password, JsonObject tokens)
{
    /// <summary>What the socket has to bring, in this order.</summary>
    private readonly Queue<Telling> _owed = new();

    private JsonObject _tokens = tokens;
    private Stage.Http _http = null!;
    private Stage.Host _host = null!;
    private string _cursor = "";
    private int _pings;

    /// <summary>How many of the user's events lie before the cursor.</summary>
    private int _index;

    public string Name => name;

    public User User => user;

    public int DeviceId => (int)_tokens["device_id"]!;

    public string Session => (string)_tokens["session_id"]!;

    public EventSocket? Socket { get; private set; }

    /// <summary>The list of chats that is being paged through: what is still to come, and where to go on.</summary>
    public (List<(Chat Chat, Place Place)> Due, string Next)? Paging { get; set; }

    public Stage.Http Http => _http;

    public void MoveTo(Stage.Host host) => (_host, _http) = (host, host.Anonymous.With((string)_tokens["access_token"]!));

    /// <summary>Begins afresh, at the end of the stream.</summary>
    public async Task StartAsync()
    {
        var page = (await _http.GetAsync("/api/v1/sync")).Expect(200);
        Assert.Empty(page["events"]!.AsArray());
        Assert.False((bool)page["has_more"]!);
        (_cursor, _index) = ((string)page["cursor"]!, user.Stream.Count);
    }

    public async Task RefreshAsync()
    {
        _tokens = (await _host.Anonymous.PostAsync("/auth/refresh", new JsonObject { ["refresh_token"] = (string)_tokens["refresh_token"]! })).Expect(200);
        MoveTo(_host);
    }

    /// <summary>Ends the session, with which its socket ends too, and signs in again.</summary>
    public async Task SignInAgainAsync()
    {
        await ReadSocketAsync();
        var socket = Socket;
        (await _http.PostAsync("/auth/logout")).ExpectNothing();
        if (socket is not null)
        {
            await socket.ExpectCloseAsync(4401);
            await DropAsync();
        }
        (await _http.GetAsync("/api/v1/sync")).ExpectProblem(401, "session_ended");
        var login = new JsonObject { ["public_id"] = user.PublicId, ["password"] = password, ["device_id"] = DeviceId };
        _tokens = (await _host.Anonymous.PostAsync("/auth/login", login)).Expect(200);
        MoveTo(_host);
    }

    /// <summary>Reads one page.</summary>
    /// <returns>Whether there is more.</returns>
    public async Task<bool> SyncAsync(int limit)
    {
        var page = (await _http.GetAsync($"/api/v1/sync?since={Uri.EscapeDataString(_cursor)}&limit={limit}")).Expect(200);
        var due = world.Replay(user, _index).Take(limit + 1).ToList();
        var events = page["events"]!.AsArray();
        for (var i = 0; i < Math.Min(due.Count, limit); i++)
        {
            Assert.True(i < events.Count, $"{name}'s sync lacks {due[i].Event.ToJsonString()}");
            Check(due[i].Event, events[i]!.AsObject(), "sync");
        }
        if (events.Count > Math.Min(due.Count, limit))
        {
            Assert.Fail($"{name}'s sync has too much: {events[^1]!.ToJsonString()}");
        }
        Assert.Equal(due.Count > limit, (bool)page["has_more"]!);
        (_cursor, _index) = ((string)page["cursor"]!, due.Count > limit ? due[limit - 1].Index + 1 : user.Stream.Count);
        return due.Count > limit;
    }

    /// <summary>Opens a socket that goes on from the cursor, or one for what is live alone, and waits until it is live.</summary>
    /// <param name="goesOn">Whether it goes on from the cursor.</param>
    /// <param name="meanwhile">What happens while it is being opened; null for nothing. It is caught up with, or comes live: that makes no difference.</param>
    public async Task OpenAsync(bool goesOn, Func<Task>? meanwhile = null)
    {
        await DropAsync();
        var opening = EventSocket.OpenAsync(_host.Address, (string)_tokens["access_token"]!, goesOn ? _cursor : null);
        if (meanwhile is not null)
        {
            await meanwhile();
        }
        Socket = await opening;
        await Socket.ExpectHelloAsync();
        if (!goesOn)
        {
            (_cursor, _index) = (Socket.HelloCursor, user.Stream.Count);
        }
        foreach (var (index, due) in world.Replay(user, _index).ToList())
        {
            Take(new Telling(user, index, due, Origin: null), await Socket.NextAsync($"{name}'s socket to catch up with {due.ToJsonString()}"));
        }
        // The server goes live after its last page; a frame that comes back twice has seen it done.
        await Socket.ExpectNothingElseAsync();
        await Socket.ExpectNothingElseAsync();
    }

    /// <summary>The socket, if there is one, will bring this.</summary>
    public void Owe(Telling telling)
    {
        if (Socket is not null && telling.User == user && telling.Origin != Session)
        {
            _owed.Enqueue(telling);
        }
    }

    /// <summary>Reads all that the socket has brought, which must be all that it owes.</summary>
    public async Task ReadSocketAsync()
    {
        if (Socket is null)
        {
            return;
        }
        var ping = $"ping {++_pings}";
        await Socket.SendAsync(new JsonObject { ["type"] = "Ping", ["id"] = ping });
        while (await NextAsync() is { } frame && !((string?)frame["type"] == "Pong" && (string?)frame["id"] == ping))
        {
            Assert.True(_owed.TryDequeue(out var due), $"{name}'s socket brought what nobody owes: {frame.ToJsonString()}");
            Take(due, frame);
        }
        Assert.True(_owed.Count == 0, _owed.TryPeek(out var missing) ? $"{name}'s socket lacks {missing.Live.ToJsonString()}" : null);
    }

    /// <summary>Sends a frame and takes its answer, reading what comes before it.</summary>
    public async Task<JsonObject> AskAsync(JsonObject frame)
    {
        await ReadSocketAsync();
        var id = $"frame {++_pings}";
        frame["id"] = id;
        await Socket!.SendAsync(frame);
        var answer = await NextAsync();
        Assert.True((string?)answer["id"] == id, $"{name}'s socket brought {answer.ToJsonString()} instead of an answer");
        return answer;
    }

    /// <summary>Loses the connection, with all that was not read yet.</summary>
    public async Task DropAsync()
    {
        _owed.Clear();
        if (Socket is { } socket)
        {
            Socket = null;
            await socket.DisposeAsync();
        }
    }

    /// <summary>Reads to the end, in one way or the other.</summary>
    public async Task DrainAsync()
    {
        await ReadSocketAsync();
        while (await SyncAsync(100))
        {
            // Another page.
        }
    }

    private async Task<JsonObject> NextAsync()
    {
        var frame = await Socket!.NextAsync($"{name}'s socket");
        Assert.True(frame is not null, $"{name}'s socket has ended");
        return frame!;
    }

    private void Take(Telling due, JsonObject? frame)
    {
        Assert.True(frame is not null, $"{name}'s socket has ended instead of bringing {due.Live.ToJsonString()}");
        Check(due.Live, frame!, "socket");
        Assert.Equal(due.Index is not null, frame!["cursor"] is not null);
        if (due.Index is { } index)
        {
            (_cursor, _index) = ((string)frame["cursor"]!, index + 1);
        }
    }

    private void Check(JsonObject due, JsonObject happened, string way)
    {
        if ((string?)due["type"] != (string?)happened["type"] || !JsonNode.DeepEquals(due["data"], happened["data"]))
        {
            Assert.Fail($"{name}'s {way} should bring\n  {due.ToJsonString()}, but brought\n  {happened.ToJsonString()}");
        }
    }
}

using System.Text.Json.Nodes;

namespace Mimu.Appliance.Tests.Stage;

/// <summary>People of whom it is known what they are told from a moment on: live by a socket each, and by their streams.</summary>
internal sealed class Watch : IAsyncDisposable
{
    private readonly List<(Person Person, EventSocket Socket, string Since)> _watched = [];

    private Watch()
    {
    }

    public static async Task<Watch> OnAsync(params Person[] people)
    {
        var watch = new Watch();
        foreach (var person in people)
        {
            var socket = await person.ConnectAsync();
            watch._watched.Add((person, socket, socket.HelloCursor));
        }
        return watch;
    }

    /// <summary>That these were told this one event and no other, the same by both ways, and all others of the watch nothing.</summary>
    /// <returns>The event's data.</returns>
    public async Task<JsonObject> ExpectAsync(string type, params Person[] told)
    {
        JsonObject? data = null;
        for (var i = 0; i < _watched.Count; i++)
        {
            var (person, socket, since) = _watched[i];
            var pulled = await person.SyncAllAsync(since);
            if (!told.Contains(person))
            {
                Assert.True(pulled.Count == 0, $"{person.PublicId} was told {string.Join(' ', pulled.Select(happened => happened.ToJsonString()))}");
                await socket.ExpectNothingElseAsync();
                continue;
            }
            var live = await socket.ExpectAsync(type);
            await socket.ExpectNothingElseAsync();
            Assert.Equal(live.ToJsonString(), Assert.Single(pulled).ToJsonString());
            Assert.True(data is null || data.ToJsonString() == live["data"]!.ToJsonString(), $"{person.PublicId} was told something else: {live.ToJsonString()}");
            data = live["data"]!.AsObject();
            _watched[i] = (person, socket, (string)live["cursor"]!);
        }
        return data ?? throw new ArgumentException("Nobody of those is watched.", nameof(told));
    }

    public async Task ExpectNothingAsync()
    {
        foreach (var (person, socket, since) in _watched)
        {
            Assert.Empty(await person.SyncAllAsync(since));
            await socket.ExpectNothingElseAsync();
        }
    }

    /// <summary>Takes whatever came, so that what follows is looked at alone.</summary>
    public async Task SkipAsync()
    {
        for (var i = 0; i < _watched.Count; i++)
        {
            var (person, socket, _) = _watched[i];
            await socket.DisposeAsync();
            var next = await person.ConnectAsync();
            _watched[i] = (person, next, next.HelloCursor);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, socket, _) in _watched)
        {
            await socket.DisposeAsync();
        }
    }
}

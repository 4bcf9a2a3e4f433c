using Mimu.Core.Events;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;
using Xunit;

namespace Mimu.Core.Tests.Sessions;

/// <summary>What is remembered of sessions is never more than is so.</summary>
public sealed class LiveSessionsTests
{
    private readonly World _world = new();

    [Fact]
    public async Task A_session_is_read_once_and_refused_when_it_has_ended()
    {
        var alice = await _world.AddAsync("alice");
        var reads = new Reads(_world.Memory);
        var sessions = new LiveSessions(reads, _world.Memory.PubSub);

        Assert.True(await IsLiveAsync(sessions, alice));
        Assert.True(await IsLiveAsync(sessions, alice));
        Assert.Equal(1, reads.Count);
        await EndAsync(alice);
        Assert.False(await IsLiveAsync(sessions, alice));
    }

    [Fact]
    public async Task An_end_right_after_the_reading_is_not_missed()
    {
        var alice = await _world.AddAsync("alice");
        var sessions = new LiveSessions(new Reads(_world.Memory) { After = () => EndAsync(alice) }, _world.Memory.PubSub);

        Assert.False(await IsLiveAsync(sessions, alice));
        Assert.False(await IsLiveAsync(sessions, alice));
    }

    [Fact]
    public async Task An_end_right_before_the_reading_is_not_missed()
    {
        var alice = await _world.AddAsync("alice");
        var sessions = new LiveSessions(new Reads(_world.Memory) { Before = () => EndAsync(alice) }, _world.Memory.PubSub);

        Assert.False(await IsLiveAsync(sessions, alice));
        Assert.False(await IsLiveAsync(sessions, alice));
    }

    [Fact]
    public async Task The_end_of_another_session_changes_nothing()
    {
        var (alice, bob) = (await _world.AddAsync("alice"), await _world.AddAsync("bob"));
        var reads = new Reads(_world.Memory);
        var sessions = new LiveSessions(reads, _world.Memory.PubSub);
        Assert.True(await IsLiveAsync(sessions, alice));
        _world.Memory.PubSub.Publish([new Publication(null, new SessionEnded(bob.SessionId), [alice.UserId, bob.UserId], null)]);
        Assert.True(await IsLiveAsync(sessions, alice));
        Assert.Equal(1, reads.Count);
    }

    [Fact]
    public async Task What_there_is_no_room_for_is_read_again_and_no_less_right()
    {
        var people = new List<Caller>();
        for (var i = 0; i < 5; i++)
        {
            people.Add(await _world.AddAsync($"person{i}"));
        }
        var reads = new Reads(_world.Memory);
        var sessions = new LiveSessions(reads, _world.Memory.PubSub, capacity: 2);
        foreach (var person in people)
        {
            Assert.True(await IsLiveAsync(sessions, person));
        }
        Assert.True(await IsLiveAsync(sessions, people[^1]));
        Assert.Equal(5, reads.Count);
        Assert.True(await IsLiveAsync(sessions, people[0]));
        Assert.Equal(6, reads.Count);
        foreach (var person in people)
        {
            await EndAsync(person);
            Assert.False(await IsLiveAsync(sessions, person));
        }
    }

    [Fact]
    public async Task Many_who_look_while_it_ends_are_all_refused_after_it()
    {
        for (var round = 0; round < 200; round++)
        {
            var alice = await _world.AddAsync($"alice{round}");
            var sessions = new LiveSessions(_world.Memory, _world.Memory.PubSub, capacity: 1);
            using var start = new Barrier(3);
            var looking = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(() =>
            {
                start.SignalAndWait();
                for (var i = 0; i < 20; i++)
                {
                    IsLiveAsync(sessions, alice).GetAwaiter().GetResult();
                }
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToList();
            start.SignalAndWait();
            await EndAsync(alice);
            Assert.False(await IsLiveAsync(sessions, alice), "A session was let in after its end was answered.");
            await Task.WhenAll(looking);
            Assert.False(await IsLiveAsync(sessions, alice), "A session was let in after its end was answered.");
        }
    }

    private async Task EndAsync(Caller caller) => Assert.True((await new EndSession(_world.Memory).RunAsync(caller, CancellationToken.None)).IsOk);

    private static Task<bool> IsLiveAsync(LiveSessions sessions, Caller caller) => sessions.IsLiveAsync(caller, CancellationToken.None).AsTask();

    /// <summary>Lets things happen around the readings of a database.</summary>
    private sealed class Reads(IDatabase database) : IDatabase
    {
        public int Count { get; private set; }

        public Func<Task>? Before { get; set; }

        public Func<Task>? After { get; set; }

        public ValueTask ScrubAsync(CancellationToken cancellation) => database.ScrubAsync(cancellation);

        public async ValueTask<T> ReadAsync<T>(Func<ITransaction, ValueTask<T>> read, CancellationToken cancellation = default)
        {
            Count++;
            await (Before ?? Nothing)();
            Before = null;
            var found = await database.ReadAsync(read, cancellation);
            await (After ?? Nothing)();
            After = null;
            return found;
        }

        public ValueTask<Result<T>> WriteAsync<T>(Func<ITransaction, ValueTask<Result<T>>> write, CancellationToken cancellation = default) => database.WriteAsync(write, cancellation);

        private static Task Nothing() => Task.CompletedTask;
    }
}

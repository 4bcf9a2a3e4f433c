using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Storage;
using Mimu.Specification;
using Xunit;

namespace Mimu.Embedded.Tests;

/// <summary>Who comes when the writer is more than a second behind is sent away, and nobody else is.</summary>
public sealed class BackPressureTests : IAsyncLifetime
{
    private readonly HandClock _clock = new();
    private readonly Account _alice = Sample.Account("alice");
    private SqliteBackend _backend = null!;
    private Chat _chat = null!;

    public async Task InitializeAsync()
    {
        _backend = await SqliteBackend.OpenAsync(_clock);
        await _backend.Database.WriteAsync<bool>(async tx =>
        {
            await tx.Accounts.AddAsync(_alice);
            _chat = await tx.AddChatAsync(ChatType.Group, _alice);
            return true;
        });
    }

    public async Task DisposeAsync() => await _backend.DisposeAsync();

    [Fact]
    public async Task A_writer_that_is_more_than_a_second_behind_takes_no_more_until_it_has_caught_up_and_loses_nothing()
    {
        var held = await HoldAsync();
        var waiting = SendAsync();
        _clock.Advance(TimeSpan.FromSeconds(1));
        var just = SendAsync();
        _clock.Advance(TimeSpan.FromTicks(1));

        await Assert.ThrowsAsync<StorageBusyException>(SendAsync);
        await Assert.ThrowsAsync<StorageBusyException>(SendAsync);

        // Reading has nothing to do with it.
        Assert.Equal(0, await CountAsync());
        held.Release.SetResult();
        await held.Holding.Within("the work that held the writer");
        await Task.WhenAll(waiting, just).Within("those who waited");
        await SendAsync().Within("who came later");
        Assert.Equal(3, await CountAsync());
    }

    [Fact]
    public async Task What_waits_behind_a_batch_counts_from_when_it_came()
    {
        var first = await HoldAsync();
        _clock.Advance(TimeSpan.FromSeconds(0.9));
        var second = HoldAsync();
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        first.Release.SetResult();
        await first.Holding.Within("the first");
        var held = await second;

        // The second began to wait 0.1 s ago, though it began to run only now.
        _clock.Advance(TimeSpan.FromSeconds(0.9));
        var taken = SendAsync();
        _clock.Advance(TimeSpan.FromTicks(1));
        await Assert.ThrowsAsync<StorageBusyException>(SendAsync);

        held.Release.SetResult();
        await taken.Within("who was taken");
        Assert.Equal(1, await CountAsync());
    }

    [Fact]
    public async Task A_writer_that_had_nothing_to_do_for_long_is_not_behind()
    {
        await SendAsync();
        _clock.Advance(TimeSpan.FromDays(1));
        await SendAsync();

        Assert.Equal(2, await CountAsync());
    }

    private async Task SendAsync() => await _backend.Database.WriteAsync<Done>(async tx =>
    {
        await tx.Messages.AddAsync(Sample.Message(_chat.Id, _alice.Id));
        return default(Done);
    });

    private async Task<long> CountAsync() => await _backend.Database.ReadAsync(async tx => (await tx.Events.EndAsync()).Position);

    private async Task<(Task Holding, TaskCompletionSource Release)> HoldAsync()
    {
        var (begun, release) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        var holding = _backend.Database.WriteAsync<Done>(tx =>
        {
            begun.SetResult();
            release.Task.Hold("a test that never releases the writer");
            return new(default(Done));
        }).AsTask();
        await begun.Task.Within("the writer to begin");
        return (holding, release);
    }

    /// <summary>Time that passes when a test says so.</summary>
    private sealed class HandClock : TimeProvider
    {
        private long _ticks = 1;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _ticks);

        public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);
    }
}

using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Messages;
using Mimu.Core.Storage;
using Mimu.Specification;
using Xunit;

namespace Mimu.Embedded.Tests;

/// <summary>Who waits at the same time shares a commit, and with it a sync of the disk; nobody is answered before it.</summary>
public sealed class GroupCommitTests : IAsyncLifetime
{
    private readonly Account _alice = Sample.Account("alice");
    private SqliteBackend _backend = null!;
    private Chat _chat = null!;
    private int _held;

    public async Task InitializeAsync()
    {
        _backend = await SqliteBackend.OpenAsync();
        await _backend.Database.WriteAsync<bool>(async tx =>
        {
            await tx.Accounts.AddAsync(_alice);
            _chat = await tx.AddChatAsync(ChatType.Group, _alice);
            return true;
        });
    }

    public async Task DisposeAsync() => await _backend.DisposeAsync();

    [Fact]
    public async Task Writes_one_after_the_other_have_a_commit_each()
    {
        await using var log = new WriteAheadLog(_backend.DatabasePath);
        var before = log.CountCommits();

        for (var i = 0; i < 10; i++)
        {
            await SendAsync();
        }

        Assert.Equal(10, log.CountCommits() - before);
    }

    [Fact]
    public async Task A_thousand_writes_that_wait_share_one_commit()
    {
        await using var log = new WriteAheadLog(_backend.DatabasePath);
        var before = log.CountCommits();
        var held = await HoldAsync();
        var sent = Enumerable.Range(0, 1000).Select(_ => SendAsync().AsTask()).ToList();

        held.Release.SetResult();
        await Task.WhenAll([held.Holding, .. sent]).Within("a thousand writes");

        // One for the work that made them wait, and one for all of them.
        Assert.Equal(2, log.CountCommits() - before);
    }

    [Fact]
    public async Task A_batch_has_an_end_so_that_its_first_does_not_wait_for_ever()
    {
        await using var log = new WriteAheadLog(_backend.DatabasePath);
        var before = log.CountCommits();
        var held = await HoldAsync();
        var sent = Enumerable.Range(0, 3000).Select(_ => SendAsync().AsTask()).ToList();

        held.Release.SetResult();
        await Task.WhenAll([held.Holding, .. sent]).Within("three thousand writes");

        Assert.InRange(log.CountCommits() - before, 3, 10);
    }

    [Fact]
    public async Task Those_of_a_batch_who_are_refused_or_throw_cost_the_others_nothing()
    {
        await using var log = new WriteAheadLog(_backend.DatabasePath);
        var before = log.CountCommits();
        var held = await HoldAsync();
        var sent = Enumerable.Range(0, 300).Select(i => (i % 3) switch
        {
            0 => SendAsync().AsTask(),
            1 => _backend.Database.WriteAsync<Done>(async tx => { await SendAsync(tx); return Errors.NotFound; }).AsTask(),
            _ => _backend.Database.WriteAsync<Done>(async tx => { await SendAsync(tx); throw new FormatException("a bug"); }).AsTask(),
        }).ToList();

        held.Release.SetResult();
        await Assert.ThrowsAsync<FormatException>(() => Task.WhenAll(sent)).Within("the batch");

        Assert.Equal(2, log.CountCommits() - before);
        Assert.Equal(100, sent.Count(task => task.IsCompletedSuccessfully && task.Result.IsOk));
        Assert.Equal(100, await _backend.Database.ReadAsync(async tx => (await tx.Events.EndAsync()).Position));
    }

    [Fact]
    public async Task A_place_that_was_taken_for_what_could_not_be_written_is_given_to_the_next()
    {
        var message = Sample.Message(_chat.Id, _alice.Id);
        await _backend.Database.WriteAsync<Core.Events.Cursor>(async tx => await tx.Messages.AddAsync(message));
        var held = await HoldAsync();
        var first = AddAsync(Sample.Message(_chat.Id, _alice.Id));
        // Its id is taken: refused by the storage before anything was written, so that nothing has to be undone.
        var broken = AddAsync(message);
        var last = AddAsync(Sample.Message(_chat.Id, _alice.Id));
        held.Release.SetResult();

        await Assert.ThrowsAnyAsync<Exception>(() => broken.Within("the broken one"));
        Assert.Equal(2, (await first.Within("the first")).Value.Position);
        Assert.Equal(3, (await last.Within("the last")).Value.Position);

        Task<Result<Core.Events.Cursor>> AddAsync(Message added) => _backend.Database.WriteAsync<Core.Events.Cursor>(async tx => await tx.Messages.AddAsync(added)).AsTask();
    }

    [Fact]
    public async Task Nobody_is_answered_before_the_commit()
    {
        await using var log = new WriteAheadLog(_backend.DatabasePath);
        var before = log.CountCommits();
        var first = await HoldAsync();
        var sent = SendAsync().AsTask();
        var later = HoldAsync();
        first.Release.SetResult();
        var second = await later;

        // The message was written and waits for the commit, which waits for the work that stands behind it in the batch.
        Assert.False(sent.IsCompleted);
        Assert.Equal(0, await _backend.Database.ReadAsync(async tx => (await tx.Events.EndAsync()).Position));
        Assert.Equal(1, log.CountCommits() - before);

        second.Release.SetResult();
        Assert.True((await sent.Within("the message")).IsOk);
        Assert.Equal(2, log.CountCommits() - before);
    }

    private ValueTask<Result<Done>> SendAsync() => _backend.Database.WriteAsync<Done>(async tx =>
    {
        await SendAsync(tx);
        return default(Done);
    });

    private ValueTask<Core.Events.Cursor> SendAsync(ITransaction tx) => tx.Messages.AddAsync(Sample.Message(_chat.Id, _alice.Id));

    private async Task<(Task Holding, TaskCompletionSource Release)> HoldAsync()
    {
        var (begun, release) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        var holding = _backend.Database.WriteAsync<Done>(async tx =>
        {
            // Something new to write, or there would be nothing to commit.
            await tx.Chats.TouchAsync(_chat.Id, Sample.Now.AddSeconds(++_held), 7);
            begun.SetResult();
            release.Task.Hold("a test that never releases the writer");
            return default(Done);
        }).AsTask();
        await begun.Task.Within("the writer to begin");
        return (holding, release);
    }
}

using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Keys;
using Mimu.Core.Storage;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IDatabase"/> promises of a piece of work: all of it or nothing, alone, on a snapshot. See <see cref="DatabaseConcurrencySpec"/> for many of them.</summary>
public abstract class DatabaseSpec : StorageSpec
{
    private static readonly StaleMembership _refusal = new(42);

    [Fact]
    public async Task What_was_written_is_there_for_the_next_reader_and_writer()
    {
        var alice = await WriteAsync(tx => tx.AddAccountAsync("alice"));

        Alike.Equal(alice, await ReadAsync(tx => tx.Accounts.FindAsync(alice.Id)));
        Alike.Equal(alice, await WriteAsync(tx => tx.Accounts.FindAsync(alice.Id)));
    }

    [Fact]
    public async Task Work_sees_what_it_wrote_itself() => await WriteAsync(async tx =>
    {
        var alice = await tx.AddAccountAsync("alice");
        Alike.Equal(alice, await tx.Accounts.FindAsync(Sample.Name("alice")));
    });

    [Fact]
    public async Task A_refusal_undoes_everything_and_comes_back_as_it_was_given()
    {
        var before = await ReadAsync(tx => tx.Events.EndAsync());
        Traces? traces = null;

        var answer = await Database.WriteAsync<Done>(async tx =>
        {
            traces = await LeaveTracesAsync(tx);
            return _refusal;
        });

        Assert.Same(_refusal, answer.Error);
        await AssertGoneAsync(traces!);
        Assert.Equal(before, await ReadAsync(tx => tx.Events.EndAsync()));
    }

    [Fact]
    public async Task An_exception_undoes_everything_and_comes_back_as_it_was_thrown()
    {
        var before = await ReadAsync(tx => tx.Events.EndAsync());
        var bug = new FormatException("a bug");
        Traces? traces = null;

        var thrown = await Assert.ThrowsAsync<FormatException>(async () => await Database.WriteAsync<Done>(async tx =>
        {
            traces = await LeaveTracesAsync(tx);
            throw bug;
        }));

        Assert.Same(bug, thrown);
        await AssertGoneAsync(traces!);
        Assert.Equal(before, await ReadAsync(tx => tx.Events.EndAsync()));
    }

    [Fact]
    public async Task A_statement_that_breaks_a_rule_of_the_storage_undoes_what_went_before_it()
    {
        Traces? traces = null;

        await Assert.ThrowsAnyAsync<Exception>(async () => await Database.WriteAsync<Done>(async tx =>
        {
            traces = await LeaveTracesAsync(tx);
            await tx.Devices.AddAsync(Sample.Device(traces.Account.Id));
            return default(Done);
        }));

        await AssertGoneAsync(traces!);
    }

    [Fact]
    public async Task The_same_work_may_be_run_again_after_it_was_undone()
    {
        var recorder = new Recorder();
        var (alice, bob) = (Sample.Account("alice"), Sample.Account("bob"));
        using var subscription = Backend.PubSub.Subscribe(alice.Id, recorder);
        var before = await ReadAsync(tx => tx.Events.EndAsync());

        var sent = await new TwiceDatabase(Database).WriteAsync<Core.Messages.Message>(async tx =>
        {
            Assert.True(await tx.Accounts.AddAsync(alice));
            Assert.True(await tx.Accounts.AddAsync(bob));
            var chat = await tx.AddChatAsync(ChatType.Direct, alice, bob);
            var message = Sample.Message(chat.Id, alice.Id);
            var cursor = await tx.Messages.AddAsync(message);
            message = message with { Position = cursor.Position };
            tx.Publish(new(cursor, new Core.Events.NewMessage(message), [alice.Id], Origin: null));
            return message;
        }, CancellationToken.None);

        Alike.Equal(sent.Value, (Assert.Single(await recorder.ExpectAsync(1)).Event as Core.Events.NewMessage)?.Message);
        var page = await ReadAsync(tx => tx.Events.ReadAsync(alice.Id, before, 10, Sample.Now));
        Alike.Equal(sent.Value, Assert.Single(page!.Events).Message);
    }

    [Fact]
    public async Task A_reader_sees_one_snapshot_whatever_is_committed_meanwhile()
    {
        var alice = Sample.Account("alice");

        var (before, after) = await ReadAsync(async tx =>
        {
            var first = await tx.Accounts.FindAsync(alice.Id);
            Task.Run(() => WriteAsync(other => other.Accounts.AddAsync(alice))).Hold("a write beside a read");
            return (first, await tx.Accounts.FindAsync(alice.Id));
        });

        Assert.Null(before);
        Assert.Null(after);
        Assert.NotNull(await ReadAsync(tx => tx.Accounts.FindAsync(alice.Id)));
    }

    [Fact]
    public async Task Readers_neither_wait_for_a_writer_nor_see_what_it_has_not_committed()
    {
        var alice = Sample.Account("alice");
        var (written, release) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        var writing = Deadline.AsideAsync(() => WriteAsync(async tx =>
        {
            var added = await tx.Accounts.AddAsync(alice);
            written.SetResult();
            release.Task.Hold("the reader");
            return added;
        }));
        await written.Task.Within("a writer in the midst of its work");

        var seen = await ReadAsync(tx => tx.Accounts.FindAsync(alice.Id)).Within("a reader beside a writer");
        release.SetResult();
        await writing.Within("the writer");

        Assert.Null(seen);
        Assert.NotNull(await ReadAsync(tx => tx.Accounts.FindAsync(alice.Id)));
    }

    [Fact]
    public async Task Many_readers_read_at_once()
    {
        const int count = 4;
        using var all = new Barrier(count);

        var met = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => Deadline.AsideAsync(() => ReadAsync(async tx =>
        {
            await tx.Events.EndAsync();
            return all.SignalAndWait(TimeSpan.FromSeconds(30));
        })))).Within("readers that wait for each other");

        Assert.All(met, Assert.True);
    }

    [Fact]
    public async Task Writing_in_a_read_throws_and_writes_nothing()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => ReadAsync(tx => tx.AddAccountAsync("alice")));

        Assert.Null(await ReadAsync(tx => tx.Accounts.FindAsync(Sample.Name("alice"))));
    }

    [Fact]
    public async Task A_write_that_awaits_something_foreign_throws_and_writes_nothing()
    {
        var foreign = new TaskCompletionSource();

        await Assert.ThrowsAsync<InvalidOperationException>(() => WriteAsync(async tx =>
        {
            await tx.AddAccountAsync("alice");
            await foreign.Task;
        }));

        Assert.Null(await ReadAsync(tx => tx.Accounts.FindAsync(Sample.Name("alice"))));
        await WriteAsync(tx => tx.AddAccountAsync("alice"));
    }

    [Fact]
    public async Task A_read_that_awaits_something_foreign_throws()
    {
        var foreign = new TaskCompletionSource();

        await Assert.ThrowsAsync<InvalidOperationException>(() => ReadAsync(async tx =>
        {
            await foreign.Task;
            return await tx.Events.EndAsync();
        }));
    }

    [Fact]
    public async Task An_exception_in_a_read_comes_back_and_the_next_read_is_good()
    {
        var bug = new FormatException("a bug");

        Assert.Same(bug, await Assert.ThrowsAsync<FormatException>(() => ReadAsync<Done>(_ => throw bug)));

        Assert.Null(await ReadAsync(tx => tx.Accounts.FindAsync(Sample.Name("alice"))));
    }

    private static async ValueTask<Traces> LeaveTracesAsync(ITransaction tx)
    {
        var alice = await tx.AddAccountAsync("alice");
        var bob = await tx.AddAccountAsync("bob");
        var session = Sample.Session(alice.Id);
        var token = Sample.Token(session.Id);
        await tx.Sessions.AddAsync(session, token);
        await tx.Keys.AddAsync(alice.Id, 1, [Sample.Prekey(PrekeyKind.Signed, 1)]);
        var chat = await tx.AddChatAsync(ChatType.Direct, alice, bob);
        var message = await tx.AddMessageAsync(Sample.Message(chat.Id, alice.Id));
        await tx.AppendEventAsync(chat.Id);
        return new Traces(alice, bob, session, token, chat, message);
    }

    private Task<bool> AssertGoneAsync(Traces traces) => ReadAsync(async tx =>
    {
        Assert.Null(await tx.Accounts.FindAsync(traces.Account.Id));
        Assert.Null(await tx.Accounts.FindAsync(traces.Account.PublicId));
        Assert.Empty(await tx.Devices.ListAsync(traces.Account.Id));
        Assert.Null(await tx.Sessions.FindAsync(traces.Session.Id));
        Assert.Null(await tx.Sessions.FindTokenAsync(traces.Token.Hash));
        Assert.Null(await tx.Keys.FindStandingAsync(traces.Account.Id, 1, PrekeyKind.Signed));
        Assert.Null(await tx.Chats.FindDirectAsync(traces.Account.Id, traces.Other.Id));
        Assert.Null(await tx.Chats.FindMembershipAsync(traces.Chat.Id, traces.Account.Id));
        Assert.Null(await tx.Messages.FindPositionAsync(traces.Chat.Id, traces.Message.Id));
        return true;
    });

    private sealed record Traces(
        Account Account, Account Other, Core.Sessions.Session Session, Core.Sessions.RefreshToken Token, Chat Chat, Core.Messages.Message Message);
}

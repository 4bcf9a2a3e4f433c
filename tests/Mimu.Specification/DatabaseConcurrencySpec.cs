using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Events;
using Mimu.Core.Storage;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IDatabase"/> promises when much of it happens at once: order, publications, cancelling, closing.</summary>
public abstract class DatabaseConcurrencySpec : StorageSpec
{
    private readonly Account _alice = Sample.Account("alice");
    private readonly Chat _chat;

    protected DatabaseConcurrencySpec() => _chat = Sample.Chat(ChatType.Group, _alice);

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await WriteAsync(async tx =>
        {
            await tx.Accounts.AddAsync(_alice);
            await tx.Chats.AddAsync(_chat);
        });
    }

    [Fact]
    public async Task What_fails_between_others_undoes_only_itself()
    {
        var begin = await ReadAsync(tx => tx.Events.EndAsync());
        var bug = new FormatException("a bug");
        var held = await HoldAsync();
        var first = SayAsync("first").AsTask();
        var throwing = ThrowAsync("thrown", bug).AsTask();
        var breaking = Database.WriteAsync<Cursor>(async tx =>
        {
            await AppendAsync(tx, "broken");
            await tx.Devices.AddAsync(Sample.Device(Ids.NewUserId(), id: 300));
            return begin;
        }).AsTask();
        var refused = RefuseAsync("refused").AsTask();
        var last = SayAsync("last").AsTask();

        await held.ReleaseAsync();

        Assert.True((await first).IsOk);
        Assert.Same(bug, await Assert.ThrowsAsync<FormatException>(() => throwing));
        await Assert.ThrowsAnyAsync<Exception>(() => breaking);
        Assert.Same(Errors.NotFound, (await refused).Error);
        Assert.True((await last).IsOk);
        Assert.Equal(["first", "last"], await ReadStreamAsync(begin));
    }

    [Fact]
    public async Task Work_that_waits_is_done_in_the_order_in_which_it_came()
    {
        var begin = await ReadAsync(tx => tx.Events.EndAsync());
        var held = await HoldAsync();
        var names = Enumerable.Range(0, 50).Select(number => $"number {number}").ToList();
        var all = names.ConvertAll(name => SayAsync(name).AsTask());

        await held.ReleaseAsync();
        await Task.WhenAll(all).Within("fifty writers");

        Assert.Equal(names, await ReadStreamAsync(begin));
    }

    [Fact]
    public async Task Of_many_writers_at_once_each_has_a_place_of_its_own_and_nothing_is_lost()
    {
        var begin = await ReadAsync(tx => tx.Events.EndAsync());

        var places = await Task.WhenAll(Enumerable.Range(0, 20).Select(writer => Task.Run(async () =>
        {
            var own = new List<(Cursor Cursor, string Name)>();
            for (var i = 0; i < 25; i++)
            {
                own.Add(((await SayAsync($"{writer}/{i}")).Value, $"{writer}/{i}"));
            }
            return own;
        }))).Within("twenty writers");

        // The order of the stream is the order of the places, and in it each writer's own order.
        var inOrder = places.SelectMany(own => own).OrderBy(one => one.Cursor.Position).ToList();
        Assert.Equal(500, inOrder.DistinctBy(one => one.Cursor).Count());
        Assert.Equal(inOrder.Select(one => one.Name), await ReadStreamAsync(begin));
        Assert.All(places, own => Assert.Equal(own.Select(one => one.Cursor.Position).Order(), own.Select(one => one.Cursor.Position)));
    }

    [Fact]
    public async Task Subscribers_are_told_after_the_commit_and_before_the_answer()
    {
        var found = new List<bool>();
        var recorder = new Recorder
        {
            Hook = told => found.Add(Database.ReadAsync(tx => tx.Events.EndAsync()).AsTask().GetAwaiter().GetResult().Position >= told.Cursor!.Value.Position),
        };
        using var subscription = Backend.PubSub.Subscribe(_alice.Id, recorder);

        for (var i = 1; i <= 20; i++)
        {
            var said = await SayAsync("hello");
            Assert.Equal(said.Value, recorder.Told[^1].Cursor);
            Assert.Equal(i, recorder.Told.Count);
        }

        Assert.All(found, Assert.True);
    }

    [Fact]
    public async Task Subscribers_are_told_in_the_order_of_the_commits()
    {
        var recorder = new Recorder();
        using var subscription = Backend.PubSub.Subscribe(_alice.Id, recorder);

        var said = await Task.WhenAll(Enumerable.Range(0, 500).Select(number => Task.Run(() => SayAsync($"{number}").AsTask()))).Within("500 writers");

        Assert.Equal(said.Select(one => one.Value.Position).Order(), recorder.Told.Select(told => told.Cursor!.Value.Position));
    }

    [Fact]
    public async Task Nothing_is_told_of_work_that_was_refused_or_threw()
    {
        var recorder = new Recorder();
        using var subscription = Backend.PubSub.Subscribe(_alice.Id, recorder);
        var held = await HoldAsync();
        var first = SayAsync("first").AsTask();
        var refused = RefuseAsync("refused").AsTask();
        var throwing = ThrowAsync("thrown", new FormatException("a bug")).AsTask();
        var last = SayAsync("last").AsTask();

        await held.ReleaseAsync();

        await refused;
        await Assert.ThrowsAsync<FormatException>(() => throwing);
        Assert.Equal([(await first).Value, (await last).Value], recorder.Told.Select(told => told.Cursor!.Value));
    }

    [Fact]
    public async Task Nothing_is_told_of_what_a_read_publishes()
    {
        var recorder = new Recorder();
        using var subscription = Backend.PubSub.Subscribe(_alice.Id, recorder);

        // Whether it throws or is forgotten is the back end's affair.
        await Record.ExceptionAsync(() => ReadAsync(async tx =>
        {
            tx.Publish(new Publication(await tx.Events.EndAsync(), new ChatCreated(_chat), [_alice.Id], Origin: null));
            return true;
        }));
        await SayAsync("the one");

        Assert.Single(recorder.Told);
    }

    [Fact]
    public async Task Work_that_is_cancelled_before_it_was_asked_for_is_not_done()
    {
        var begun = false;
        var cancelled = new CancellationToken(canceled: true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Database.WriteAsync<Done>(_ => Begin(), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Database.ReadAsync(_ => Begin(), cancelled));

        Assert.False(begun);

        ValueTask<Result<Done>> Begin()
        {
            begun = true;
            return new(default(Done));
        }
    }

    [Fact]
    public async Task Work_that_is_cancelled_while_it_waits_is_not_done()
    {
        var begin = await ReadAsync(tx => tx.Events.EndAsync());
        using var cancel = new CancellationTokenSource();
        var held = await HoldAsync();
        var cancelled = SayAsync("cancelled", cancel.Token).AsTask();
        var other = SayAsync("other").AsTask();

        await cancel.CancelAsync();
        await held.ReleaseAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled).Within("the one that was cancelled");
        Assert.True((await other).IsOk);
        Assert.Equal(["other"], await ReadStreamAsync(begin));
    }

    [Fact]
    public async Task Work_that_is_cancelled_after_it_has_begun_is_finished()
    {
        var begin = await ReadAsync(tx => tx.Events.EndAsync());
        using var cancel = new CancellationTokenSource();

        var held = await HoldAsync(tx => AppendAsync(tx, "finished"), cancel.Token);

        await cancel.CancelAsync();
        await held.ReleaseAsync();

        Assert.Equal(["finished"], await ReadStreamAsync(begin));
    }

    [Fact]
    public async Task Work_that_waits_when_the_database_is_closed_is_finished()
    {
        var held = await HoldAsync();
        var waiting = Enumerable.Range(0, 10).Select(number => SayAsync($"{number}").AsTask()).ToList();

        // On another thread: closing may hold its caller until the last work is done.
        var closing = Task.Run(() => Backend.DisposeAsync().AsTask());
        await held.ReleaseAsync();
        await closing.Within("closing");

        Assert.All(await Task.WhenAll(waiting), said => Assert.True(said.IsOk));
    }

    [Fact]
    public async Task A_closed_database_says_so()
    {
        await Backend.DisposeAsync();

        await Assert.ThrowsAsync<StorageUnavailableException>(async () => await SayAsync("too late"));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => ReadAsync(tx => tx.Events.EndAsync()));
    }

    /// <summary>Appends an event to the chat and publishes it.</summary>
    private ValueTask<Result<Cursor>> SayAsync(string name, CancellationToken cancellation = default) =>
        Database.WriteAsync<Cursor>(async tx => await AppendAsync(tx, name), cancellation);

    private ValueTask<Result<Cursor>> RefuseAsync(string name) => Database.WriteAsync<Cursor>(async tx =>
    {
        await AppendAsync(tx, name);
        return Errors.NotFound;
    });

    private ValueTask<Result<Cursor>> ThrowAsync(string name, Exception bug) => Database.WriteAsync<Cursor>(async tx =>
    {
        await AppendAsync(tx, name);
        throw bug;
    });

    private async ValueTask<Cursor> AppendAsync(ITransaction tx, string name)
    {
        var cursor = await tx.AppendEventAsync(_chat.Id, name);
        tx.Publish(new Publication(cursor, new ChatCreated(_chat), [_alice.Id], Origin: null));
        return cursor;
    }

    private async Task<IEnumerable<string>> ReadStreamAsync(Cursor since)
    {
        var page = await ReadAsync(tx => tx.Events.ReadAsync(_alice.Id, since, 1000, Sample.Now));
        return page!.Events.Select(one => System.Text.Encoding.UTF8.GetString(one.Data.Span));
    }

    /// <summary>Begins a piece of work that lasts until it is released, so that whatever else is asked for has to wait.</summary>
    private async Task<Held> HoldAsync(Func<ITransaction, ValueTask<Cursor>>? work = null, CancellationToken cancellation = default)
    {
        var (begun, release) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        var holding = Deadline.AsideAsync(() => Database.WriteAsync<Cursor>(async tx =>
        {
            begun.TrySetResult();
            release.Task.Hold("a test that never releases the writer");
            return work is null ? default : await work(tx);
        }, cancellation).AsTask());
        await begun.Task.Within("the writer to begin");
        return new Held(holding, release);
    }

    private sealed class Held(Task<Result<Cursor>> holding, TaskCompletionSource release)
    {
        public async Task ReleaseAsync()
        {
            release.SetResult();
            Assert.True((await holding.Within("the held writer")).IsOk);
        }
    }
}

using System.Diagnostics;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Events;
using Mimu.Core.Storage;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IDatabase"/> promises of work that is done together with other work that fails after it has written.</summary>
public abstract class BatchSpec : StorageSpec
{
    private readonly Account _alice = Sample.Account("alice");
    private readonly Account _bob = Sample.Account("bob");
    private readonly Recorder _recorder = new();
    private Chat _direct = null!;
    private Chat _group = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await WriteAsync(async tx =>
        {
            await tx.Accounts.AddAsync(_alice);
            await tx.Accounts.AddAsync(_bob);
            _direct = await tx.AddChatAsync(ChatType.Direct, _alice, _bob);
            _group = await tx.AddChatAsync(ChatType.Group, _alice, _bob);
        });
        Backend.PubSub.Subscribe(_alice.Id, _recorder);
    }

    public static TheoryData<Failure, int> Failures
    {
        get
        {
            var data = new TheoryData<Failure, int>();
            foreach (var failure in Enum.GetValues<Failure>())
            {
                foreach (var place in (int[])[0, 17, 39])
                {
                    data.Add(failure, place);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task One_of_many_that_fails_after_it_wrote_costs_the_others_nothing(Failure failure, int place)
    {
        var begin = await ReadAsync(tx => tx.Events.EndAsync());
        var names = Enumerable.Range(0, 40).Select(number => $"number {number}").ToList();
        var release = await HoldAsync();
        var all = names.Select((name, i) => Database.WriteAsync<Cursor>(async tx =>
        {
            var cursor = await SayAsync(tx, name);
            return i == place ? await FailAsync(tx, failure) : cursor;
        }).AsTask()).ToList();
        release.SetResult();
        await AssertFailedAsync(failure, all[place]);
        var kept = await Task.WhenAll(all.Where((_, i) => i != place)).Within("the others");
        var answers = kept.Select(answer => answer.Value).ToList();
        names.RemoveAt(place);

        Assert.Equal(Enumerable.Range(1, 39).Select(i => begin.Position + i), answers.Select(cursor => cursor.Position));
        Assert.Equal(answers, (await _recorder.ExpectAsync(39)).Select(told => told.Cursor!.Value));
        Assert.Equal(names, await ReadStreamAsync(begin));
        Assert.Equal(answers[^1], await ReadAsync(tx => tx.Events.EndAsync()));
        // The next goes on where the last ended, and nobody was told anything twice.
        var next = await WriteAsync(tx => SayAsync(tx, "next"));
        Assert.Equal(answers[^1].Position + 1, next.Position);
        Assert.Equal([.. answers, next], (await _recorder.ExpectAsync(40)).Select(told => told.Cursor!.Value));
    }

    [Theory]
    [InlineData(Failure.Refusal)]
    [InlineData(Failure.Bug)]
    [InlineData(Failure.Rule)]
    public async Task Every_other_one_may_fail(Failure failure)
    {
        var begin = await ReadAsync(tx => tx.Events.EndAsync());
        var release = await HoldAsync();
        var all = Enumerable.Range(0, 60).Select(i => Database.WriteAsync<Cursor>(async tx =>
        {
            var cursor = await SayAsync(tx, $"{i}");
            return i % 2 == 0 ? await FailAsync(tx, failure) : cursor;
        }).AsTask()).ToList();
        release.SetResult();
        for (var i = 0; i < all.Count; i++)
        {
            if (i % 2 == 0)
            {
                await AssertFailedAsync(failure, all[i]);
            }
            else
            {
                Assert.Equal(begin.Position + 1 + (i / 2), (await all[i].Within("one that is kept")).Value.Position);
            }
        }
        Assert.Equal(Enumerable.Range(0, 60).Where(i => i % 2 == 1).Select(i => $"{i}"), await ReadStreamAsync(begin));
        Assert.Equal(30, (await _recorder.ExpectAsync(30)).Count);
    }

    [Theory]
    [InlineData(Failure.Refusal)]
    [InlineData(Failure.Bug)]
    [InlineData(Failure.Rule)]
    public async Task What_was_seen_of_a_chat_within_undone_work_is_not_believed_afterwards(Failure failure)
    {
        var undone = new (string What, ChatId Chat, Func<ITransaction, Task> Change)[]
        {
            ("block", _direct.Id, async tx => await tx.Blocks.AddAsync(_bob.Id, _alice.Id, Sample.Now)),
            ("removal", _group.Id, async tx => await tx.Chats.RemoveParticipantAsync(_group.Id, _bob.Id)),
            ("leaving", _direct.Id, async tx => await tx.Chats.RemoveParticipantAsync(_direct.Id, _bob.Id)),
            ("role", _group.Id, async tx => await tx.Chats.SetRoleAsync(_group.Id, _bob.Id, ParticipantRole.Admin)),
            ("lifetime", _group.Id, async tx => await tx.Chats.ChangeAsync(_group.Id, encryptedMetadata: null, messageTtl: 60)),
            ("joining", _group.Id, async tx => await tx.Chats.AddParticipantAsync(_group.Id, (await tx.AddAccountAsync("carol")).Id, Sample.Now)),
            ("end", _group.Id, async tx => await tx.Chats.RemoveAsync(_group.Id)),
        };
        foreach (var (what, chat, change) in undone)
        {
            var before = await WriteAsync(tx => LookAsync(tx, chat));
            var release = await HoldAsync();
            var failing = Database.WriteAsync<Cursor>(async tx =>
            {
                await change(tx);
                Assert.NotEqual(before, await LookAsync(tx, chat));
                return await FailAsync(tx, failure);
            }).AsTask();
            // In the same batch, and in the next.
            var beside = WriteAsync(tx => LookAsync(tx, chat));
            release.SetResult();
            await AssertFailedAsync(failure, failing);
            Assert.True(before == await beside.Within("the look beside"), what);
            Assert.True(before == await WriteAsync(tx => LookAsync(tx, chat)), what);
            Assert.True(before == await ReadAsync(tx => LookAsync(tx, chat)), what);
        }
    }

    [Fact]
    public async Task What_changes_a_chat_is_seen_by_the_work_after_it()
    {
        var changes = new (ChatId Chat, Func<ITransaction, Task> Change)[]
        {
            (_direct.Id, async tx => await tx.Blocks.AddAsync(_bob.Id, _alice.Id, Sample.Now)),
            (_direct.Id, async tx => await tx.Blocks.RemoveAsync(_bob.Id, _alice.Id)),
            (_direct.Id, async tx => await tx.Blocks.AddAsync(_bob.Id, _alice.Id, Sample.Now)),
            (_direct.Id, async tx => await tx.Blocks.RemoveAllAsync(_alice.Id)),
            (_group.Id, async tx => await tx.Chats.SetRoleAsync(_group.Id, _bob.Id, ParticipantRole.Admin)),
            (_group.Id, async tx => await tx.Chats.ChangeAsync(_group.Id, encryptedMetadata: null, messageTtl: 60)),
            (_group.Id, async tx => await tx.Chats.RemoveParticipantAsync(_group.Id, _alice.Id)),
            (_direct.Id, async tx => await tx.Chats.RemoveParticipantAsync(_direct.Id, _bob.Id)),
            (_direct.Id, async tx => await tx.Chats.RemoveAsync(_direct.Id)),
        };
        foreach (var (chat, change) in changes)
        {
            var before = await WriteAsync(tx => LookAsync(tx, chat));
            await WriteAsync(async tx => await change(tx));
            var after = await WriteAsync(tx => LookAsync(tx, chat));
            Assert.NotEqual(before, after);
            Assert.Equal(await ReadAsync(tx => LookAsync(tx, chat)), after);
        }
    }

    /// <summary>All that sending a message asks about a chat.</summary>
    private async ValueTask<string> LookAsync(ITransaction tx, ChatId chat) => string.Join('\n',
        await tx.Chats.FindMembershipAsync(chat, _alice.Id),
        await tx.Chats.FindMembershipAsync(chat, _bob.Id),
        string.Join(' ', (await tx.Chats.ListParticipantsAsync(chat)).Select(user => user.ToString()).Order(StringComparer.Ordinal)));

    /// <summary>Appends an event to the group and publishes it.</summary>
    private async ValueTask<Cursor> SayAsync(ITransaction tx, string name)
    {
        var cursor = await tx.AppendEventAsync(_group.Id, name);
        tx.Publish(new Publication(cursor, new ChatCreated(_group), [_alice.Id], Origin: null));
        return cursor;
    }

    private static async ValueTask<Result<Cursor>> FailAsync(ITransaction tx, Failure failure)
    {
        switch (failure)
        {
            case Failure.Refusal:
                return Errors.NotFound;
            case Failure.Bug:
                throw new FormatException("a bug");
            default:
                // Of nobody, which no storage takes.
                await tx.Devices.AddAsync(Sample.Device(Ids.NewUserId(), id: 300));
                throw new UnreachableException("The storage took a device of nobody.");
        }
    }

    private static async Task AssertFailedAsync(Failure failure, Task<Result<Cursor>> work)
    {
        switch (failure)
        {
            case Failure.Refusal:
                Assert.Same(Errors.NotFound, (await work.Within("the one that fails")).Error);
                break;
            case Failure.Bug:
                await Assert.ThrowsAsync<FormatException>(() => work.Within("the one that fails"));
                break;
            default:
                Assert.IsNotType<UnreachableException>(await Assert.ThrowsAnyAsync<Exception>(() => work.Within("the one that fails")));
                break;
        }
    }

    private async Task<IEnumerable<string>> ReadStreamAsync(Cursor since)
    {
        var page = await ReadAsync(tx => tx.Events.ReadAsync(_alice.Id, since, 1000, Sample.Now));
        return page!.Events.Select(one => System.Text.Encoding.UTF8.GetString(one.Data.Span));
    }

    /// <summary>Holds the writer until it is released, so that what is asked for meanwhile is done together.</summary>
    private async Task<TaskCompletionSource> HoldAsync()
    {
        var (begun, release) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        _ = Deadline.AsideAsync(() => Database.WriteAsync<Done>(tx =>
        {
            begun.TrySetResult();
            release.Task.Hold("a test that never releases the writer");
            return new(default(Done));
        }).AsTask());
        await begun.Task.Within("the writer to begin");
        return release;
    }

    /// <summary>How work fails after it wrote.</summary>
    public enum Failure
    {
        Refusal,
        Bug,
        Rule,
    }
}

using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Messages;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IMessageStore"/> promises.</summary>
public abstract class MessageStoreSpec : StorageSpec
{
    private readonly Account _alice = Sample.Account("alice");
    private readonly Account _bob = Sample.Account("bob");
    private readonly Chat _chat;
    private readonly Chat _other;

    protected MessageStoreSpec() =>
        (_chat, _other) = (Sample.Chat(ChatType.Direct, _alice, _bob), Sample.Chat(ChatType.Group, _alice, _bob));

    /// <summary>Named by what is peculiar about them; the data of a theory stands in the list of tests.</summary>
    public static TheoryData<string> Payloads => ["00", "27", "ff", "0000", "002700", "5c", "7b7d", "256 KiB of zeros", "256 KiB of everything"];

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await WriteAsync(async tx =>
        {
            await tx.Accounts.AddAsync(_alice);
            await tx.Accounts.AddAsync(_bob);
            await tx.Chats.AddAsync(_chat);
            await tx.Chats.AddAsync(_other);
        });
    }

    [Theory]
    [MemberData(nameof(Payloads))]
    public async Task A_payload_comes_back_byte_for_byte(string name)
    {
        byte[] payload = name switch
        {
            "256 KiB of zeros" => new byte[256 * 1024],
            "256 KiB of everything" => [.. Enumerable.Range(0, 256 * 1024).Select(i => (byte)(i + i / 256))],
            _ => Convert.FromHexString(name),
        };
        var own = Guid.NewGuid();
        await AddAsync(Sample.Message(_chat.Id, _alice.Id, payload) with { ClientMessageId = own });

        Assert.Equal(payload, Assert.Single((await ListAsync()).Messages).Payload);
        Assert.Equal(payload, (await ReadAsync(tx => tx.Messages.FindSentAsync(_alice.Id, own)))!.Payload);
    }

    [Fact]
    public async Task Every_member_comes_back_as_it_was()
    {
        var full = Sample.Message(_chat.Id, _alice.Id) with
        {
            SenderDeviceId = 127,
            Type = "a-z0-9_.",
            ReplyTo = Ids.NewMessageId(Sample.Now),
            ForwardedFrom = Ids.NewMessageId(Sample.Now),
            ExpiresAt = Sample.Now.AddMilliseconds(2),
            ClientMessageId = Guid.NewGuid(),
        };
        var bare = Sample.Message(_chat.Id, _bob.Id);

        var (first, second) = (await AddAsync(full), await AddAsync(bare));

        Alike.Equal((Message[])[first, second], (await ListAsync(oldestFirst: true)).Messages);
        Assert.NotEqual(0, first.Position);
    }

    [Fact]
    public async Task Messages_have_one_order_over_all_chats()
    {
        var positions = new List<long>();
        for (var i = 0; i < 10; i++)
        {
            positions.Add((await AddAsync(Sample.Message(i % 3 == 0 ? _other.Id : _chat.Id, _alice.Id))).Position);
        }

        Assert.Equal(positions.Order().Distinct(), positions);
    }

    [Fact]
    public async Task A_chat_is_listed_in_either_order_without_those_of_other_chats()
    {
        var sent = await AddManyAsync(5);
        await AddAsync(Sample.Message(_other.Id, _alice.Id));

        Assert.Equal(sent, await IdsAsync(oldestFirst: true));
        Assert.Equal(Enumerable.Reverse(sent), await IdsAsync(oldestFirst: false));
        Assert.Empty((await ReadAsync(tx => tx.Messages.ListAsync(Ids.NewChatId(Sample.Now), All(false, 10), Sample.Now))).Messages);
    }

    [Theory]
    [InlineData(false, 1, "9", true)]
    [InlineData(false, 9, "9 8 7 6 5 4 3 2 1", true)]
    [InlineData(false, 10, "9 8 7 6 5 4 3 2 1 0", false)]
    [InlineData(false, 100, "9 8 7 6 5 4 3 2 1 0", false)]
    [InlineData(true, 3, "0 1 2", true)]
    [InlineData(true, 10, "0 1 2 3 4 5 6 7 8 9", false)]
    public async Task A_page_has_at_most_as_many_as_asked_for_and_tells_whether_there_are_more(bool oldestFirst, int limit, string expected, bool hasMore)
    {
        var sent = await AddManyAsync(10);

        var page = await ReadAsync(tx => tx.Messages.ListAsync(_chat.Id, All(oldestFirst, limit), Sample.Now));

        Assert.Equal(expected, string.Join(' ', page.Messages.Select(one => sent.IndexOf(one.Id))));
        Assert.Equal(hasMore, page.HasMore);
    }

    [Fact]
    public async Task Before_and_after_leave_out_the_message_itself()
    {
        var sent = await AddManyAsync(10);
        var third = (await ReadAsync(tx => tx.Messages.FindPositionAsync(_chat.Id, sent[3])))!.Value;
        var seventh = (await ReadAsync(tx => tx.Messages.FindPositionAsync(_chat.Id, sent[7])))!.Value;

        Assert.Equal([2, 1, 0], await PlacesAsync(sent, new MessageRange(0, third, OldestFirst: false, Limit: 10)));
        Assert.Equal([8, 9], await PlacesAsync(sent, new MessageRange(seventh, long.MaxValue, OldestFirst: true, Limit: 10)));
        Assert.Equal([4, 5, 6], await PlacesAsync(sent, new MessageRange(third, seventh, OldestFirst: true, Limit: 10)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Paging_through_gives_every_message_once(bool oldestFirst)
    {
        var sent = await AddManyAsync(23);
        var seen = new List<MessageId>();
        var range = All(oldestFirst, limit: 5);
        MessagePage page;
        do
        {
            page = await ReadAsync(tx => tx.Messages.ListAsync(_chat.Id, range, Sample.Now));
            seen.AddRange(page.Messages.Select(one => one.Id));
            var last = page.Messages[^1].Position;
            range = oldestFirst ? range with { After = last } : range with { Before = last };
        }
        while (page.HasMore);

        Assert.Equal(oldestFirst ? sent : Enumerable.Reverse(sent), seen);
    }

    [Fact]
    public async Task Deleted_messages_are_left_out_and_still_have_their_place()
    {
        var sent = await AddManyAsync(5);
        await Backend.BuryAsync(sent[2]);
        await Backend.BuryAsync(sent[4]);

        Assert.Equal([3, 1, 0], await PlacesAsync(sent, All(oldestFirst: false, limit: 10)));
        var place = await ReadAsync(tx => tx.Messages.FindPositionAsync(_chat.Id, sent[2]));
        Assert.Equal([1, 0], await PlacesAsync(sent, All(oldestFirst: false, limit: 10) with { Before = place!.Value }));
        Assert.Equal([3], await PlacesAsync(sent, All(oldestFirst: true, limit: 10) with { After = place.Value }));
    }

    [Fact]
    public async Task Expired_messages_are_left_out_from_the_moment_on_and_still_have_their_place()
    {
        var expiry = Sample.Now.AddSeconds(1);
        var first = await AddAsync(Sample.Message(_chat.Id, _alice.Id));
        var expiring = await AddAsync(Sample.Message(_chat.Id, _alice.Id) with { ExpiresAt = expiry });
        var last = await AddAsync(Sample.Message(_chat.Id, _alice.Id));

        Assert.Equal([first.Id, expiring.Id, last.Id], await IdsAsync(oldestFirst: true, expiry.AddMilliseconds(-1)));
        Assert.Equal([first.Id, last.Id], await IdsAsync(oldestFirst: true, expiry));
        Assert.Equal([last.Id, first.Id], await IdsAsync(oldestFirst: false, expiry));
        Assert.Equal(expiring.Position, await ReadAsync(tx => tx.Messages.FindPositionAsync(_chat.Id, expiring.Id)));
    }

    [Fact]
    public async Task What_is_gone_does_not_count_as_more()
    {
        var sent = await AddManyAsync(3);
        await Backend.BuryAsync(sent[0]);

        Assert.False((await ReadAsync(tx => tx.Messages.ListAsync(_chat.Id, All(oldestFirst: false, limit: 2), Sample.Now))).HasMore);
    }

    [Fact]
    public async Task A_message_has_a_place_in_its_own_chat_alone()
    {
        var message = await AddAsync(Sample.Message(_chat.Id, _alice.Id));

        Assert.Equal(message.Position, await ReadAsync(tx => tx.Messages.FindPositionAsync(_chat.Id, message.Id)));
        Assert.Null(await ReadAsync(tx => tx.Messages.FindPositionAsync(_other.Id, message.Id)));
        Assert.Null(await ReadAsync(tx => tx.Messages.FindPositionAsync(_chat.Id, Ids.NewMessageId(Sample.Now))));
    }

    [Fact]
    public async Task A_client_message_id_is_its_senders_own()
    {
        var own = Guid.NewGuid();
        var alices = await AddAsync(Sample.Message(_chat.Id, _alice.Id) with { ClientMessageId = own });
        var bobs = await AddAsync(Sample.Message(_chat.Id, _bob.Id) with { ClientMessageId = own });
        await AddManyAsync(2);

        Alike.Equal(alices, await ReadAsync(tx => tx.Messages.FindSentAsync(_alice.Id, own)));
        Alike.Equal(bobs, await ReadAsync(tx => tx.Messages.FindSentAsync(_bob.Id, own)));
        Assert.Null(await ReadAsync(tx => tx.Messages.FindSentAsync(_alice.Id, Guid.NewGuid())));
    }

    [Fact]
    public async Task The_storage_itself_refuses_a_second_message_under_a_client_message_id()
    {
        var own = Guid.NewGuid();
        var first = await AddAsync(Sample.Message(_chat.Id, _alice.Id) with { ClientMessageId = own });

        await Assert.ThrowsAnyAsync<Exception>(() => AddAsync(Sample.Message(_other.Id, _alice.Id) with { ClientMessageId = own }));

        Alike.Equal(first, await ReadAsync(tx => tx.Messages.FindSentAsync(_alice.Id, own)));
        Assert.Equal([first.Id], await IdsAsync(oldestFirst: true));
    }

    private static MessageRange All(bool oldestFirst, int limit) => new(After: 0, Before: long.MaxValue, oldestFirst, limit);

    private Task<Message> AddAsync(Message message) => WriteAsync(tx => tx.AddMessageAsync(message));

    private async Task<List<MessageId>> AddManyAsync(int count)
    {
        var added = new List<MessageId>();
        for (var i = 0; i < count; i++)
        {
            added.Add((await AddAsync(Sample.Message(_chat.Id, i % 2 == 0 ? _alice.Id : _bob.Id))).Id);
        }
        return added;
    }

    private Task<MessagePage> ListAsync(bool oldestFirst = false, DateTimeOffset? now = null) =>
        ReadAsync(tx => tx.Messages.ListAsync(_chat.Id, All(oldestFirst, limit: 100), now ?? Sample.Now));

    private async Task<IEnumerable<MessageId>> IdsAsync(bool oldestFirst, DateTimeOffset? now = null) =>
        (await ListAsync(oldestFirst, now)).Messages.Select(one => one.Id);

    private async Task<IEnumerable<int>> PlacesAsync(List<MessageId> sent, MessageRange range) =>
        (await ReadAsync(tx => tx.Messages.ListAsync(_chat.Id, range, Sample.Now))).Messages.Select(one => sent.IndexOf(one.Id));
}

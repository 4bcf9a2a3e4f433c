using System.Text;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Events;

namespace Mimu.Specification;

/// <summary>Three people with three chats, and a stream that begins behind their making.</summary>
public abstract class EventStreamSpec : StorageSpec
{
    protected EventStreamSpec()
    {
        Pair = Sample.Chat(ChatType.Direct, Alice, Bob);
        Group = Sample.Chat(ChatType.Group, Alice, Bob, Carol);
        Foreign = Sample.Chat(ChatType.Direct, Bob, Carol);
    }

    protected Account Alice { get; } = Sample.Account("alice");

    protected Account Bob { get; } = Sample.Account("bob");

    protected Account Carol { get; } = Sample.Account("carol");

    /// <summary>Of Alice and Bob.</summary>
    protected Chat Pair { get; }

    /// <summary>Of all three.</summary>
    protected Chat Group { get; }

    /// <summary>Of Bob and Carol: nothing that Alice may see.</summary>
    protected Chat Foreign { get; }

    protected Cursor Begin { get; private set; }

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        Begin = await WriteAsync(async tx =>
        {
            foreach (var account in (Account[])[Alice, Bob, Carol])
            {
                await tx.Accounts.AddAsync(account);
            }
            foreach (var chat in (Chat[])[Pair, Group, Foreign])
            {
                await tx.Chats.AddAsync(chat);
            }
            return await tx.Events.EndAsync();
        });
    }

    /// <summary>Appends to a chat: a message where the name begins with <c>m:</c>, else another event.</summary>
    protected Task<List<Cursor>> SayAsync(Chat chat, params string[] names) => WriteAsync(async tx =>
    {
        var places = new List<Cursor>();
        foreach (var name in names)
        {
            places.Add(name.StartsWith("m:", StringComparison.Ordinal)
                ? await tx.Messages.AddAsync(Sample.Message(chat.Id, Bob.Id, Encoding.UTF8.GetBytes(name)))
                : await tx.AppendEventAsync(chat.Id, name));
        }
        return places;
    });

    protected Task<EventPage?> ReadStreamAsync(Account user, Cursor since, int limit = 100) =>
        ReadAsync(tx => tx.Events.ReadAsync(user.Id, since, limit, Sample.Now));

    protected static string Text(EventPage page) => string.Join(' ', page.Events.Select(Name));

    protected static string Name(StreamEvent one) => Encoding.UTF8.GetString(one.Message is { } message ? message.Payload : one.Data.Span);
}

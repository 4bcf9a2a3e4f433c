using Mimu.Core.Storage;

namespace Mimu.Core.Messages;

/// <summary>Which messages somebody wants to see (protocol 5.2).</summary>
/// <param name="ChatId">Of which chat.</param>
/// <param name="Before">Strictly before this one, newest first.</param>
/// <param name="After">Strictly after this one, oldest first.</param>
/// <param name="Limit">At most so many.</param>
public sealed record ListMessagesQuery(ChatId ChatId, MessageId? Before, MessageId? After, int Limit);

/// <summary>Lists a chat's messages, for its participants, from their joining on.</summary>
public sealed class ListMessages(IDatabase database, TimeProvider clock)
{
    /// <returns>A page; <c>not_found</c>, or <c>validation_failed</c> for both ends at once or an id of another chat.</returns>
    public ValueTask<Result<MessagePage>> RunAsync(Caller caller, ListMessagesQuery query, CancellationToken cancellation)
    {
        var now = clock.Now();
        return database.ReadAsync<Result<MessagePage>>(async tx =>
        {
            if (await tx.Chats.FindMembershipAsync(query.ChatId, caller.UserId) is not { } membership)
            {
                return Errors.NotFound;
            }
            if (query is { Before: not null, After: not null })
            {
                return new ValidationFailed([new Fault("after", "must not be given together with before")]);
            }
            if (query.Before is { } before)
            {
                return await tx.Messages.FindPositionAsync(query.ChatId, before) is { } end
                    ? await tx.Messages.ListAsync(query.ChatId, new MessageRange(membership.JoinedPosition, end, OldestFirst: false, query.Limit), now)
                    : NotOfThisChat("before");
            }
            if (query.After is { } after)
            {
                return await tx.Messages.FindPositionAsync(query.ChatId, after) is { } start
                    ? await tx.Messages.ListAsync(query.ChatId,
                        new MessageRange(Math.Max(start, membership.JoinedPosition), long.MaxValue, OldestFirst: true, query.Limit), now)
                    : NotOfThisChat("after");
            }
            return await tx.Messages.ListAsync(query.ChatId, new MessageRange(membership.JoinedPosition, long.MaxValue, OldestFirst: false, query.Limit), now);
        }, cancellation);
    }

    private static ValidationFailed NotOfThisChat(string path) => new([new Fault(path, "must be a message of this chat")]);
}

using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Chats;

/// <summary>What became of it.</summary>
/// <param name="Participant">Their place in the chat.</param>
/// <param name="IsNew">False when they were in it already.</param>
public sealed record AddedParticipant(Participant Participant, bool IsNew);

/// <summary>Takes somebody into a group, from now on (protocol 4.4). Anyone in it may.</summary>
public sealed class AddParticipant(IDatabase database, EventWriter events, TimeProvider clock, Limits limits)
{
    /// <returns>Their place; <c>not_found</c>, <c>direct_chat</c>, or <c>limit_reached</c>. Nobody of this id is <c>not_found</c> too.</returns>
    public ValueTask<Result<AddedParticipant>> RunAsync(Caller caller, ChatId chat, UserId user, CancellationToken cancellation) =>
        database.WriteAsync<AddedParticipant>(async tx =>
        {
            if (await tx.Chats.FindMembershipAsync(chat, caller.UserId) is not { } membership)
            {
                return Errors.NotFound;
            }
            if (membership.Type is ChatType.Direct)
            {
                return Errors.DirectChat;
            }
            if (await tx.Chats.FindParticipantAsync(chat, user) is { } present)
            {
                return new AddedParticipant(present, IsNew: false);
            }
            // Who blocks the caller is answered as if they were not there (protocol 3.8).
            if (await tx.Accounts.FindAllAsync([user]) is not [var account] || await tx.Blocks.IsBlockedAsync(caller.UserId, by: user))
            {
                return Errors.NotFound;
            }
            var others = await tx.Chats.ListParticipantsAsync(chat);
            if (others.Count >= limits.MaxParticipants)
            {
                return Errors.LimitReached.Because($"A group has at most {limits.MaxParticipants} participants.");
            }
            var now = clock.Now();
            // Before they are in: their own stream begins after it, with the chat itself.
            await events.AppendActivityAsync(tx, chat, new ParticipantAdded(
                new(chat, user, account.PublicId, caller.UserId, ParticipantRole.Member, membership.MembershipVersion + 1)), others, caller.SessionId, now);
            await tx.Chats.AddParticipantAsync(chat, user, now);
            var view = (await tx.Chats.ViewAsync(chat, user, now))!;
            await events.AppendToEachAsync(tx, [user], new ChatCreated(view.Chat), caller.SessionId);
            return new AddedParticipant(new Participant(user, account.PublicId.Value, account.DisplayName, ParticipantRole.Member, now), IsNew: true);
        }, cancellation);
}

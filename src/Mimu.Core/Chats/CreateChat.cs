using Mimu.Core.Accounts;
using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Core.Chats;

/// <summary>A chat that somebody wants to open (protocol 4.1).</summary>
/// <param name="ParticipantIds">The others; the caller is always in it.</param>
/// <param name="Type">Null for direct with one other, else group.</param>
/// <param name="EncryptedMetadata">Opaque; null for none.</param>
/// <param name="MessageTtl">Seconds that messages live; null for ever.</param>
public sealed record CreateChatCommand(IReadOnlyList<UserId> ParticipantIds, ChatType? Type, byte[]? EncryptedMetadata, int? MessageTtl);

/// <summary>What became of it.</summary>
/// <param name="View">The chat.</param>
/// <param name="IsNew">False for a direct chat that was there already.</param>
public sealed record CreatedChat(ChatView View, bool IsNew);

/// <summary>Opens a chat. Two people have one direct chat, however often they ask.</summary>
public sealed class CreateChat(IDatabase database, EventWriter events, TimeProvider clock, Limits limits)
{
    /// <returns>The chat, or <c>validation_failed</c> naming the participants that are not known.</returns>
    public async ValueTask<Result<CreatedChat>> RunAsync(Caller caller, CreateChatCommand command, CancellationToken cancellation)
    {
        var others = command.ParticipantIds.Where(id => id != caller.UserId).Distinct().OrderBy(id => id.Value).ToList();
        var type = command.Type ?? (others.Count == 1 ? ChatType.Direct : ChatType.Group);
        if (type is ChatType.Direct && others.Count != 1)
        {
            return new ValidationFailed([new Fault("participant_ids", "must be one other person for a direct chat")]);
        }
        if (others.Count + 1 > limits.MaxParticipants)
        {
            return new ValidationFailed([new Fault("participant_ids", $"a chat has at most {limits.MaxParticipants} participants")]);
        }
        return await database.WriteAsync<CreatedChat>(async tx =>
        {
            // Not before it is this piece of work's turn, so that times follow the order in which things happen.
            var now = clock.Now();
            var accounts = await tx.Accounts.FindAllAsync([caller.UserId, .. others]);
            if (accounts.All(account => account.Id != caller.UserId))
            {
                return Errors.SessionEnded;
            }
            // Who blocks the caller is answered as if they were not there (protocol 3.8).
            var blockers = await tx.Blocks.ListBlockersAsync(caller.UserId, others);
            if (Unknown(command.ParticipantIds, accounts.Where(account => !blockers.Contains(account.Id))) is { Count: > 0 } faults)
            {
                return new ValidationFailed(faults);
            }
            if (type is ChatType.Direct && await tx.Chats.FindDirectAsync(caller.UserId, others[0]) is { } known)
            {
                return new CreatedChat((await tx.Chats.ViewAsync(known, caller.UserId, now))!, IsNew: false);
            }
            var byId = accounts.ToDictionary(account => account.Id);
            List<UserId> audience = [caller.UserId, .. others];
            var participants = audience.ConvertAll(id => new Participant(id, byId[id].PublicId.Value, byId[id].DisplayName,
                type is ChatType.Group && id == caller.UserId ? ParticipantRole.Admin : ParticipantRole.Member, now));
            var chat = new Chat(Ids.NewChatId(now), type, caller.UserId, now, now, MembershipVersion: 1, command.EncryptedMetadata, command.MessageTtl, participants);
            await tx.Chats.AddAsync(chat);
            await events.AppendActivityAsync(tx, chat.Id, new ChatCreated(chat), audience, caller.SessionId, now);
            return new CreatedChat(new ChatView(chat, LastMessage: null, UnreadCount: 0, ReadMarker: null), IsNew: true);
        }, cancellation);
    }

    private static List<Fault> Unknown(IReadOnlyList<UserId> wanted, IEnumerable<Account> found)
    {
        var known = found.Select(account => account.Id).ToHashSet();
        var faults = new List<Fault>();
        for (var i = 0; i < wanted.Count; i++)
        {
            if (!known.Contains(wanted[i]))
            {
                faults.Add(new Fault($"participant_ids[{i}]", $"there is no account {wanted[i]}"));
            }
        }
        return faults;
    }
}

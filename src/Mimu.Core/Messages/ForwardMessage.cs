using Mimu.Core.Push;
using Mimu.Core.Storage;

namespace Mimu.Core.Messages;

/// <summary>A chat that a message is forwarded to (protocol 5.3).</summary>
/// <param name="ChatId">Where to.</param>
/// <param name="Payload">The message, encrypted for that chat.</param>
/// <param name="ClientMessageId">Makes a repeat harmless; null for none.</param>
/// <param name="MembershipVersion">Which members it was encrypted for; null if the sender does not say.</param>
public sealed record ForwardTarget(ChatId ChatId, byte[] Payload, Guid? ClientMessageId, long? MembershipVersion);

/// <summary>What became of it.</summary>
/// <param name="Messages">One for each target, in the same order.</param>
/// <param name="AnyNew">False for a repeat, which stored nothing.</param>
public sealed record ForwardedMessages(IReadOnlyList<Message> Messages, bool AnyNew);

/// <summary>Sends what a message says into other chats: into all of them, or into none.</summary>
public sealed class ForwardMessage(IDatabase database, WakeUps wakeUps, TimeProvider clock)
{
    /// <returns>The messages; <c>not_found</c>, <c>blocked</c> or <c>stale_membership</c> of the first target that refuses.</returns>
    public ValueTask<Result<ForwardedMessages>> RunAsync(Caller caller, MessageId id, IReadOnlyList<ForwardTarget> targets, CancellationToken cancellation) =>
        database.WriteAsync<ForwardedMessages>(async tx =>
        {
            var now = clock.Now();
            var original = await VisibleMessage.FindAsync(tx, caller, id, now);
            var messages = new List<Message>(targets.Count);
            var anyNew = false;
            foreach (var target in targets)
            {
                // As with sending, a repeat is recognised before anything else is looked at, the original included.
                if (await SendMessage.FindFirstAsync(tx, caller, target.ClientMessageId, now) is { } first)
                {
                    messages.Add(first);
                    continue;
                }
                if (original is null)
                {
                    return Errors.NotFound;
                }
                var membership = await tx.Chats.FindMembershipAsync(target.ChatId, caller.UserId);
                if (SendMessage.Refusal(membership, target.MembershipVersion) is { } refusal)
                {
                    return refusal.Because($"targets[{messages.Count}]: {refusal.Detail}");
                }
                anyNew = true;
                messages.Add(await SendMessage.StoreAsync(tx, new Message(Ids.NewMessageId(now), Position: 0, target.ChatId, caller.UserId, caller.DeviceId,
                    original.Message.Type, target.Payload, ReplyTo: null, ForwardedFrom: id, now, EditedAt: null,
                    SendMessage.ExpiryOf(expiresIn: null, membership!.MessageTtl, now), target.ClientMessageId), caller.SessionId, wakeUps));
            }
            return new ForwardedMessages(messages, anyNew);
        }, cancellation);

    /// <summary>The first messages when every target is a repeat, for a caller who may send nothing at the moment; null when one is not.</summary>
    public ValueTask<ForwardedMessages?> FindRepeatsAsync(Caller caller, IReadOnlyList<ForwardTarget> targets, CancellationToken cancellation) =>
        database.ReadAsync<ForwardedMessages?>(async tx =>
        {
            var messages = new List<Message>(targets.Count);
            foreach (var target in targets)
            {
                if (await SendMessage.FindFirstAsync(tx, caller, target.ClientMessageId, clock.Now()) is not { } first)
                {
                    return null;
                }
                messages.Add(first);
            }
            return new ForwardedMessages(messages, AnyNew: false);
        }, cancellation);
}

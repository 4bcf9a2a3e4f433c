using Mimu.Core.Accounts;
using Mimu.Core.Invites;

namespace Mimu.Core.Tests.Memory;

internal sealed class MemoryInviteStore(MemoryTransaction tx) : IInviteStore
{
    public ValueTask<long> AddAsync(byte[] codeHash, int uses, PublicId? publicId, DateTimeOffset createdAt, DateTimeOffset expiresAt)
    {
        var id = tx.State.LastInvite + 1;
        tx.State = tx.State with
        {
            LastInvite = id,
            Invites = tx.State.Invites.RemoveAll(one => one.Invite.ExpiresAt <= createdAt)
                .Add((Convert.ToHexStringLower(codeHash), new Invite(id, uses, publicId, createdAt, expiresAt))),
        };
        return new(id);
    }

    public ValueTask<bool> IsGoodAsync(byte[] codeHash, PublicId publicId, DateTimeOffset now) => new(IndexOf(codeHash, publicId, now) >= 0);

    public ValueTask<bool> TryUseAsync(byte[] codeHash, PublicId publicId, DateTimeOffset now)
    {
        var index = IndexOf(codeHash, publicId, now);
        if (index < 0)
        {
            return new(false);
        }
        var (hash, invite) = tx.State.Invites[index];
        tx.State = tx.State with
        {
            Invites = invite.UsesLeft == 1
                ? tx.State.Invites.RemoveAt(index)
                : tx.State.Invites.SetItem(index, (hash, invite with { UsesLeft = invite.UsesLeft - 1 })),
        };
        return new(true);
    }

    public ValueTask<IReadOnlyList<Invite>> ListAsync(DateTimeOffset now) =>
        new(tx.State.Invites.Select(one => one.Invite).Where(invite => invite.ExpiresAt > now).ToList());

    public ValueTask<bool> RemoveAsync(long id) => Remove(one => one.Invite.Id == id);

    public ValueTask<bool> RemoveAsync(byte[] codeHash) => Remove(one => one.Hash == Convert.ToHexStringLower(codeHash));

    private ValueTask<bool> Remove(Predicate<(string Hash, Invite Invite)> goes)
    {
        var before = tx.State.Invites.Count;
        tx.State = tx.State with { Invites = tx.State.Invites.RemoveAll(goes) };
        return new(tx.State.Invites.Count < before);
    }

    private int IndexOf(byte[] codeHash, PublicId publicId, DateTimeOffset now) => tx.State.Invites.FindIndex(one =>
        one.Hash == Convert.ToHexStringLower(codeHash) && one.Invite.ExpiresAt > now && (one.Invite.PublicId is null || one.Invite.PublicId == publicId));
}

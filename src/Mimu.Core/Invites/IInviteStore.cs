using Mimu.Core.Accounts;

namespace Mimu.Core.Invites;

/// <summary>Invitations to register. One that is used up is gone.</summary>
public interface IInviteStore
{
    /// <summary>Adds an invitation; answers its number, which is never given again. Forgets those that have expired.</summary>
    ValueTask<long> AddAsync(byte[] codeHash, int uses, PublicId? publicId, DateTimeOffset createdAt, DateTimeOffset expiresAt);

    /// <summary>Whether somebody could register under this name with this code.</summary>
    ValueTask<bool> IsGoodAsync(byte[] codeHash, PublicId publicId, DateTimeOffset now);

    /// <summary>Takes one use from an invitation; false when it is unknown, used up, expired or for another name.</summary>
    ValueTask<bool> TryUseAsync(byte[] codeHash, PublicId publicId, DateTimeOffset now);

    /// <summary>All that can still be used, by number.</summary>
    ValueTask<IReadOnlyList<Invite>> ListAsync(DateTimeOffset now);

    /// <summary>Takes an invitation back; false if there is none of this number.</summary>
    ValueTask<bool> RemoveAsync(long id);

    /// <summary>Takes an invitation back; false if there is none of this code.</summary>
    ValueTask<bool> RemoveAsync(byte[] codeHash);
}

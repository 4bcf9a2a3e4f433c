namespace Mimu.Core.Accounts;

/// <summary>Accounts, and the names that are taken.</summary>
public interface IAccountStore
{
    /// <summary>Adds an account, with a stream of its own; false when its public id is taken, also by a deleted account.</summary>
    ValueTask<bool> AddAsync(Account account);

    /// <summary>The account of this name, whatever its state; null if there never was one.</summary>
    ValueTask<Account?> FindAsync(PublicId publicId);

    /// <summary>The account of this id, whatever its state; null if there is none.</summary>
    ValueTask<Account?> FindAsync(UserId id);

    /// <summary>Active accounts whose name begins with <paramref name="prefix"/> (lower case, taken literally) and that don't block the viewer, in order of the name.</summary>
    ValueTask<IReadOnlyList<Account>> SearchAsync(string prefix, UserId viewer, int limit);

    /// <summary>Those of <paramref name="users"/> that can be talked to: known and not deleted.</summary>
    ValueTask<IReadOnlyList<Account>> FindAllAsync(IReadOnlyCollection<UserId> users);

    /// <summary>Replaces the password's hash if it is still <paramref name="former"/>.</summary>
    ValueTask<bool> ReplacePasswordHashAsync(UserId user, string former, string renewed);

    /// <summary>Changes how others see an account.</summary>
    ValueTask ChangeProfileAsync(UserId user, string displayName, string? avatar);

    /// <summary>Puts another identity in the place of the one that there is.</summary>
    ValueTask ReplaceIdentityAsync(UserId user, byte[] identityKey, byte[] signingKey);

    /// <summary>Makes an account a tombstone: deleted, with nothing left but its id, its name, which stays taken, and the day it was made.</summary>
    ValueTask BuryAsync(UserId user);

    /// <summary>Puts the account into another state, whatever it was in before.</summary>
    ValueTask SetStateAsync(UserId user, AccountState state);
}

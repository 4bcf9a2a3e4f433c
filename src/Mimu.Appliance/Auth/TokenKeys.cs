using Mimu.Appliance.Configuration;
using Mimu.Core;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Auth;

/// <summary>Changes the keys that sign access tokens, in the file first and then in this process.</summary>
internal sealed class TokenKeys(MimuOptions options, AccessTokens tokens, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly string _directory = options.Server.DataDir;
    private readonly TimeSpan _lifetime = options.Auth.AccessTokenLifetime;

    /// <summary>Has a new key sign from now on. Tokens of the former ones stay good until they expire.</summary>
    /// <returns>The new key.</returns>
    /// <exception cref="StorageRefusedException">The file can't be written; nothing has changed.</exception>
    public TokenKey Rotate()
    {
        lock (_gate)
        {
            var now = clock.Now();
            var added = TokenKeyFile.NewKey();
            Use([.. Present(now).Select(key => key with { RetiredAt = key.RetiredAt ?? now }), added]);
            return added;
        }
    }

    /// <summary>Drops the keys of whose tokens none can be good any more.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="StorageRefusedException">The file can't be written; nothing has changed.</exception>
    public int DropUseless()
    {
        lock (_gate)
        {
            var all = TokenKeyFile.ReadOrCreate(_directory);
            var present = Present(clock.Now());
            if (present.Count < all.Count)
            {
                Use(present);
            }
            return all.Count - present.Count;
        }
    }

    private List<TokenKey> Present(DateTimeOffset now) => TokenKeyFile.ReadOrCreate(_directory).Where(key => key.IsOfUse(now, _lifetime)).ToList();

    private void Use(IReadOnlyList<TokenKey> keys)
    {
        TokenKeyFile.Replace(_directory, keys);
        tokens.UseKeys(keys);
    }
}

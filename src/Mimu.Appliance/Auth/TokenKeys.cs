using Mimu.Appliance.Configuration;
using Mimu.Core;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Auth;

/// <summary>Changes the keys that sign access tokens, in the file first and then in this process.</summary>
internal sealed class TokenKeys(MimuOptions options, AccessTokens tokens, TimeProvider clock)
    : KeyChange(KeyFile.OfTokens(options.Server.DataDir), options.Auth.AccessTokenLifetime, tokens.UseKeys, clock);

/// <summary>Changes keys of the server's own, in the file first and then in this process.</summary>
/// <param name="file">Where they are kept.</param>
/// <param name="lifetime">How long what a key has signed is good.</param>
/// <param name="use">Has this process go on with these.</param>
/// <param name="clock">The time.</param>
internal abstract class KeyChange(KeyFile file, TimeSpan lifetime, Action<IReadOnlyList<TokenKey>> use, TimeProvider clock)
{
    private readonly Lock _gate = new();

    /// <summary>Has a new key sign from now on. What the former ones have signed stays good until it expires.</summary>
    /// <returns>The new key.</returns>
    /// <exception cref="StorageRefusedException">The file can't be written; nothing has changed.</exception>
    public TokenKey Rotate()
    {
        lock (_gate)
        {
            var now = clock.Now();
            var added = KeyFile.NewKey();
            Use([.. Present(now).Select(key => key with { RetiredAt = key.RetiredAt ?? now }), added]);
            return added;
        }
    }

    /// <summary>Drops the keys of which nothing that they signed can be good any more.</summary>
    /// <returns>How many there were.</returns>
    /// <exception cref="StorageRefusedException">The file can't be written; nothing has changed.</exception>
    public int DropUseless()
    {
        lock (_gate)
        {
            var all = file.ReadOrCreate();
            var present = Present(clock.Now());
            if (present.Count < all.Count)
            {
                Use(present);
            }
            return all.Count - present.Count;
        }
    }

    private List<TokenKey> Present(DateTimeOffset now) => file.ReadOrCreate().Where(key => key.IsOfUse(now, lifetime)).ToList();

    private void Use(IReadOnlyList<TokenKey> keys)
    {
        file.Replace(keys);
        use(keys);
    }
}

using System.Security.Cryptography;
using Mimu.Core.Push;

namespace Mimu.Appliance.Push;

/// <summary>
/// The token that says to APNs who this server is: one for all requests ("Establishing a token-based connection to APNs": renewed at least every 60 minutes, and no more often than
/// every 20).
/// </summary>
/// <param name="key">The key; disposed with this.</param>
/// <param name="keyId">Its id.</param>
/// <param name="teamId">The developer team's id.</param>
/// <param name="clock">The time.</param>
internal sealed class ApnsProviderToken(ECDsa key, string keyId, string teamId, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan _lifetime = TimeSpan.FromMinutes(45);
    private static readonly TimeSpan _atLeast = TimeSpan.FromMinutes(20);

    private readonly Lock _gate = new();
    private string? _present;
    private DateTimeOffset _made;

    /// <summary>The present token.</summary>
    public string Get()
    {
        lock (_gate)
        {
            // One from the future was made when the clock was wrong.
            return _present is null || Age >= _lifetime || Age < TimeSpan.Zero ? Make() : _present;
        }
    }

    /// <summary>Another one than this, of which APNs says that it has expired; null if it is too early for that.</summary>
    public string? Replace(string expired)
    {
        lock (_gate)
        {
            return _present is not null && _present != expired ? _present : Age >= _atLeast ? Make() : null;
        }
    }

    public void Dispose() => key.Dispose();

    private TimeSpan Age => clock.GetUtcNow() - _made;

    private string Make()
    {
        _made = clock.GetUtcNow();
        return _present = ProviderToken.ForApns(key, keyId, teamId, _made);
    }
}

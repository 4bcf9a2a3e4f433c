using System.Text.Json;
using Mimu.Appliance.Outside;
using Mimu.Core.Push;

namespace Mimu.Appliance.Google;

/// <summary>An access token, or why there is none.</summary>
/// <param name="Token">The token; null if there is none.</param>
/// <param name="Refusal">Why there is none; null if there is one.</param>
internal sealed record GoogleGrant(string? Token, GoogleRefusal? Refusal);

/// <summary>Why there is no access token.</summary>
/// <param name="Cause">What is to be done about it.</param>
/// <param name="Detail">For the log and the administrator.</param>
/// <param name="RetryAfter">Not to be tried again before this has passed; null: as the caller likes.</param>
internal sealed record GoogleRefusal(GoogleRefusalCause Cause, string Detail, TimeSpan? RetryAfter = null);

/// <summary>What is to be done about a refusal.</summary>
internal enum GoogleRefusalCause
{
    /// <summary>The account's key or this server's clock is not right: an administrator has to see to it.</summary>
    Credentials,

    /// <summary>It may work later.</summary>
    Passing,

    /// <summary>An answer that the service does not have.</summary>
    Strange,
}

/// <summary>
/// A service account's access token (RFC 7523; "Using OAuth 2.0 for Server to Server Applications"), kept and renewed some minutes before its end. Whoever asks while one is being
/// fetched waits for that one. A refusal is remembered for a minute, so that a revoked key does not make a storm.
/// </summary>
/// <param name="account">The service account.</param>
/// <param name="scope">What the token is for.</param>
/// <param name="setting">The setting that names the account's file.</param>
/// <param name="door">The way to Google.</param>
/// <param name="clock">The time.</param>
internal sealed class GoogleAccessToken(GoogleAccount account, string scope, string setting, OutsideDoor door, TimeProvider clock)
{
    /// <summary>What is left of a token's life when another takes its place; half of it, should it be short.</summary>
    private static readonly TimeSpan _margin = TimeSpan.FromMinutes(5);

    private const string Service = "Google's token service";

    private static readonly TimeSpan _afterRefusal = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private GoogleGrant? _present;
    private DateTimeOffset _good;
    private Task<GoogleGrant>? _fetching;

    /// <summary>The present token, or a new one.</summary>
    /// <param name="stale">A token that Google no longer takes, whatever was said of its life; null if none is known.</param>
    /// <param name="cancellation">Ends the caller's wait.</param>
    public Task<GoogleGrant> GetAsync(string? stale, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_present is { } present && clock.GetUtcNow() < _good && (present.Token is null || present.Token != stale))
            {
                return Task.FromResult(present);
            }
            _fetching ??= FetchAsync();
            return _fetching.WaitAsync(cancellation);
        }
    }

    /// <summary>For all who wait, so that it does not end when one of them gives up; the door has its limit.</summary>
    private async Task<GoogleGrant> FetchAsync()
    {
        // Not under the gate.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        GoogleGrant? grant = null;
        var life = TimeSpan.Zero;
        try
        {
            (grant, life) = await AskAsync();
            return grant;
        }
        finally
        {
            lock (_gate)
            {
                (_present, _good, _fetching) = (grant, clock.GetUtcNow() + life, null);
            }
        }
    }

    /// <summary>The grant, and how long it is good.</summary>
    private async Task<(GoogleGrant Grant, TimeSpan Life)> AskAsync()
    {
        var address = account.TokenAddress;
        using var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new FormUrlEncodedContent(
            [
                new("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                new("assertion", ProviderToken.ForGoogle(account.Key, account.KeyId, account.Mail, scope, address.OriginalString, clock.GetUtcNow())),
            ]),
        };
        var answer = await door.SendAsync(request, CancellationToken.None);
        if (answer.Status == 200 && answer.Read(ReadLease) is { } lease)
        {
            return (new GoogleGrant(lease.Token, null), lease.Life);
        }
        var word = answer.Read(json => OutsideAnswer.Word(json, "error"));
        var refusal = answer.Status switch
        {
            // RFC 6749 section 5.2: what the account or the clock is at fault for, and not the network.
            400 or 401 or 403 => new GoogleRefusal(GoogleRefusalCause.Credentials,
                $"{answer.Tell(Service, word)}. Check the service account's key in {setting}, and this server's clock"),
            >= 200 and < 300 => new GoogleRefusal(GoogleRefusalCause.Passing, $"{Service} answers without a token"),
            0 or 429 or >= 500 => new GoogleRefusal(GoogleRefusalCause.Passing, answer.Tell(Service, word), answer.RetryAfter),
            // A redirect too.
            _ => new GoogleRefusal(GoogleRefusalCause.Strange, answer.Tell(Service, word)),
        };
        return (new GoogleGrant(null, refusal), refusal.Cause is GoogleRefusalCause.Credentials ? _afterRefusal : TimeSpan.Zero);
    }

    private static Lease? ReadLease(JsonElement json)
    {
        if (OutsideAnswer.Text(json, "access_token") is not { Length: > 0 } token || token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            return null;
        }
        var seconds = json.TryGetProperty("expires_in", out var expires) && expires.ValueKind is JsonValueKind.Number && expires.TryGetInt32(out var given) ? given : 0;
        var life = TimeSpan.FromSeconds(Math.Max(0, seconds));
        return new Lease(token, life - (life / 2 < _margin ? life / 2 : _margin));
    }

    private sealed record Lease(string Token, TimeSpan Life);
}

using Mimu.Appliance.Configuration;
using Mimu.Core;

namespace Mimu.Appliance.Http;

/// <summary>What is limited: the tables under <c>[limits.rates]</c> (protocol section 14).</summary>
internal enum RateKind
{
    Register,
    LoginAddress,
    LoginAccount,
    Refresh,
    Reset,
    Prekeys,
    PrekeysPair,
    Search,
    CreateChat,
    Send,
    Upload,
    CallOffer,
}

/// <summary>Says who has asked too often. Calls that are refused for other reasons count too.</summary>
internal sealed partial class RateLimits : IDisposable
{
    private readonly Dictionary<RateKind, RateTable> _tables;
    private readonly ILogger<RateLimits> _log;

    public RateLimits(MimuOptions options, ILogger<RateLimits> log)
    {
        _log = log;
        var rates = options.Limits.Rates;
        _tables = !rates.Enabled ? [] : new()
        {
            [RateKind.Register] = new(rates.Register),
            [RateKind.LoginAddress] = new(rates.LoginAddress),
            [RateKind.LoginAccount] = new(rates.LoginAccount),
            [RateKind.Refresh] = new(rates.Refresh),
            [RateKind.Reset] = new(rates.Reset),
            [RateKind.Prekeys] = new(rates.Prekeys),
            [RateKind.PrekeysPair] = new(rates.PrekeysPair),
            [RateKind.Search] = new(rates.Search),
            [RateKind.CreateChat] = new(rates.CreateChat),
            [RateKind.Send] = new(rates.Send),
            [RateKind.Upload] = new(rates.Upload),
            [RateKind.CallOffer] = new(rates.CallOffer),
        };
    }

    /// <summary>Takes so many calls from the bucket, at most all that it can hold; null when there were enough, else the refusal.</summary>
    public Error? Take(RateKind kind, RateKey key, int count = 1)
    {
        if (count == 0 || !_tables.TryGetValue(kind, out var table))
        {
            return null;
        }
        try
        {
            return table.Take(key, count) is { } wait ? new RateLimited(wait) : null;
        }
        catch (Exception e)
        {
            // Reading and writing go on without a limit; guessing at secrets does not.
            LogFailure(e, kind);
            return GuardsSecrets(kind) ? Errors.Unavailable : null;
        }
    }

    public void Dispose()
    {
        foreach (var table in _tables.Values)
        {
            table.Dispose();
        }
    }

    private static bool GuardsSecrets(RateKind kind) =>
        kind is RateKind.Register or RateKind.LoginAddress or RateKind.LoginAccount or RateKind.Refresh or RateKind.Reset;

    [LoggerMessage(Level = LogLevel.Error, Message = "The limit {Kind} failed")]
    private partial void LogFailure(Exception exception, RateKind kind);
}

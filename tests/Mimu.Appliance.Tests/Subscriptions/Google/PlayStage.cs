using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Google;
using Mimu.Appliance.Subscriptions;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Subscriptions;
using Mimu.PushStandIns;

namespace Mimu.Appliance.Tests.Subscriptions.Google;

/// <summary>A Google Play on loopback and this server's way to it. At the end nothing was wrong with any request, and no secret was told to anybody.</summary>
public abstract class PlayStage : IAsyncLifetime, IDisposable
{
    protected const string Token = "hmpicafdjkgkbnhcglbhpfgc.AO-J1OzrpSXUDzPzK_Q-2bLcqbWtLcYmZx";
    protected const string Monthly = "premium.monthly";

    private readonly List<GooglePlayStore> _stores = [];
    private readonly LogBook _log = new();
    private readonly LoggerFactory _loggers;

    protected PlayStage() => _loggers = new LoggerFactory([_log]);

    private protected FakeTimeProvider Clock { get; } = new(DateTimeOffset.Parse("2026-11-22T10:00:00Z", CultureInfo.InvariantCulture));

    private protected GooglePlayStandIn Play { get; private set; } = null!;

    private protected GooglePlayStore Store { get; private set; } = null!;

    /// <summary>What an administrator reads.</summary>
    private protected IReadOnlyCollection<string> Log => _log.Entries;

    /// <summary>When purchases end, unless told otherwise.</summary>
    protected DateTimeOffset NextMonth => Clock.GetUtcNow().AddDays(30);

    public async Task InitializeAsync()
    {
        Play = await GooglePlayStandIn.StartAsync(Clock);
        Store = Open();
    }

    public async Task DisposeAsync()
    {
        _stores.ForEach(store => store.Dispose());
        await Play.DisposeAsync();
        Assert.Empty(Play.Faults);
        Assert.All(Log, TellsNoSecret);
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _loggers.Dispose();
        _log.Dispose();
    }

    private protected GooglePlayStore Open(TimeSpan? limit = null, string? endpoint = null, string package = GooglePlayStandIn.Package, params string[] products)
    {
        var options = new GoogleOptions { PackageName = package, ProductIds = products, Endpoint = endpoint ?? Play.Endpoint.ToString() };
        var store = new GooglePlayStore(GoogleAccount.Parse(Play.Account), options, Clock, _loggers.CreateLogger<GooglePlayStore>(), limit);
        _stores.Add(store);
        return store;
    }

    private protected Task<PlayAnswer> LookUpAsync(string token = Token, string? product = null, GooglePlayStore? store = null) =>
        Deadline.For("an answer of Google Play", (store ?? Store).LookUpAsync(token, product, default).AsTask());

    private protected async Task<StorePurchase> FindAsync(string token = Token, string? product = null, GooglePlayStore? store = null) =>
        Assert.IsType<PlayFound>(await LookUpAsync(token, product, store)).Purchase;

    private protected async Task<PlayInvalid> RefusedAsync(string token = Token, string? product = null, GooglePlayStore? store = null)
    {
        var invalid = Assert.IsType<PlayInvalid>(await LookUpAsync(token, product, store));
        TellsNoSecret(invalid.Reason);
        return invalid;
    }

    private protected async Task<PlayUnavailable> UnavailableAsync(string token = Token, string? product = null, GooglePlayStore? store = null)
    {
        var unavailable = Assert.IsType<PlayUnavailable>(await LookUpAsync(token, product, store));
        TellsNoSecret(unavailable.Reason);
        return unavailable;
    }

    private static void TellsNoSecret(string text)
    {
        foreach (var secret in (string[])[Token, Token[..24], "ya29", "GPA.", "It is not so", "/purchases", "PRIVATE KEY"])
        {
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
        }
    }
}

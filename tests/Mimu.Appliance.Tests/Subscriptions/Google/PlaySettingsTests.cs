using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Mimu.Appliance.Subscriptions;
using Mimu.Appliance.Tests.Configuration;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Subscriptions;
using Mimu.PushStandIns;

namespace Mimu.Appliance.Tests.Subscriptions.Google;

/// <summary>What the settings say of Google Play, and the file that they name.</summary>
public sealed class PlaySettingsTests : IAsyncLifetime, IDisposable
{
    private readonly ConfigurationFolder _folder = new();
    private GooglePlayStandIn _play = null!;

    public async Task InitializeAsync() => _play = await GooglePlayStandIn.StartAsync();

    public async Task DisposeAsync() => await _play.DisposeAsync();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_store_is_where_the_settings_say()
    {
        var options = ConfigurationFolder.Options($"""
            [subscriptions.google]
            package_name = "{GooglePlayStandIn.Package}"
            product_ids = ["gold"]
            credentials_file = "{_folder.Write("play.json", _play.Account)}"
            endpoint = "{_play.Endpoint}"
            """);
        _play.Subscribe("one", "ACTIVE", "gold", DateTimeOffset.UnixEpoch.AddYears(100));
        _play.Subscribe("two", "ACTIVE", "silver", DateTimeOffset.UnixEpoch.AddYears(100));
        using var store = GooglePlayStore.Of(options.Subscriptions.Google, TimeProvider.System, NullLogger<GooglePlayStore>.Instance);
        Assert.IsType<PlayFound>(await Deadline.For("an answer", store.LookUpAsync("one", null, default).AsTask()));
        Assert.IsType<PlayInvalid>(await Deadline.For("an answer", store.LookUpAsync("two", null, default).AsTask()));
        Assert.Empty(_play.Faults);
    }

    [Theory]
    [InlineData("nonsense", "it is not JSON")]
    [InlineData("""{"type":"authorized_user"}""", "its type is not \"service_account\"")]
    [InlineData("""{"type":"\ud800"}""", "it is not JSON")]
    [InlineData("private_key", "it has no private_key")]
    public void A_credentials_file_that_is_none_stops_the_start(string text, string fault)
    {
        if (JsonNode.Parse(_play.Account)!.AsObject() is var account && account.Remove(text))
        {
            text = account.ToJsonString();
        }
        var path = _folder.Write("play.json", text);
        Assert.Equal(
            [$"mimu.toml:3: subscriptions.google.credentials_file: \"{path}\" is not the JSON file of a Google service account: {fault}"],
            ConfigurationFolder.Faults($"[subscriptions.google]\npackage_name = \"org.example.chat\"\ncredentials_file = \"{path}\""));
    }
}

using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Push;
using Mimu.Appliance.Tests.Configuration;
using Mimu.Core.Push;
using Mimu.Core.Storage;
using Mimu.PushStandIns;

namespace Mimu.Appliance.Tests.Push;

/// <summary>What the settings say of push services, and the files that they name.</summary>
public sealed class PushPartsTests : IAsyncLifetime, IDisposable
{
    private readonly ConfigurationFolder _folder = new();
    private FcmStandIn _fcm = null!;
    private ApnsStandIn _apns = null!;

    private string KeyPath => _folder.PathOf("vapid-key");

    public async Task InitializeAsync() => (_fcm, _apns) = (await FcmStandIn.StartAsync(), await ApnsStandIn.StartAsync());

    public async Task DisposeAsync()
    {
        await _fcm.DisposeAsync();
        await _apns.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Who_is_in_the_settings_has_a_sender()
    {
        var options = Options();
        Assert.Equal([PushPlatform.Fcm, PushPlatform.Apns, PushPlatform.WebPush], await PlatformsAsync(options));
        options.Push.Fcm.CredentialsFile = "";
        options.Push.WebPush.Enabled = false;
        Assert.Equal([PushPlatform.Apns], await PlatformsAsync(options));
        options.Push.Apns.KeyFile = "";
        Assert.Empty(await PlatformsAsync(options));
    }

    [Fact]
    public async Task Senders_go_where_the_settings_say()
    {
        var backend = await BackendAsync();
        await using var provider = Provide(Options(), backend);
        foreach (var sender in provider.GetServices<IPushSender>().Where(sender => sender.Platform is not PushPlatform.WebPush))
        {
            Assert.Equal(PushResult.Accepted, (await sender.FetchAsync(sender.Platform is PushPlatform.Fcm ? PushStage.Fcm : PushStage.Apns with { Sandbox = true })).Result);
        }
        Assert.Single(_fcm.Pushes);
        Assert.Single(_apns.Pushes);
        await backend.DisposeAsync();
    }

    [Fact]
    public void The_servers_key_is_made_once_and_is_for_nobody_else()
    {
        string first;
        using (var made = new Vapid(VapidKey.ReadOrCreate(_folder.Directory), null, TimeProvider.System))
        {
            first = made.PublicKey;
        }
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
        using var again = new Vapid(VapidKey.ReadOrCreate(_folder.Directory), null, TimeProvider.System);
        Assert.Equal(first, again.PublicKey);
    }

    [Fact]
    public void A_damaged_key_is_not_replaced()
    {
        File.WriteAllText(KeyPath, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
        var e = Assert.Throws<StorageRefusedException>(() => VapidKey.ReadOrCreate(_folder.Directory));
        Assert.Equal(StorageRefusal.Damaged, e.Reason);
        Assert.StartsWith($"The file {KeyPath} is damaged.", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("AAAA", File.ReadAllText(KeyPath).Replace("AAAA", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Throws<StorageRefusedException>(() => VapidKey.ReadOrCreate(_folder.PathOf("nowhere")));
    }

    [Theory]
    [InlineData("nonsense", "it is not JSON")]
    [InlineData("[]", "its type is not \"service_account\"")]
    [InlineData("{}", "its type is not \"service_account\"")]
    [InlineData("""{"type":"authorized_user"}""", "its type is not \"service_account\"")]
    [InlineData("project_id", "it has no project_id")]
    [InlineData("private_key_id", "it has no private_key_id")]
    [InlineData("private_key", "it has no private_key")]
    [InlineData("client_email", "it has no client_email")]
    public void A_credentials_file_that_is_none_stops_the_start(string text, string fault)
    {
        if (JsonNode.Parse(_fcm.Account)!.AsObject() is var account && account.Remove(text))
        {
            text = account.ToJsonString();
        }
        var path = _folder.Write("fcm.json", text);
        Assert.Equal(
            [$"mimu.toml:1: push.fcm.credentials_file: \"{path}\" is not the JSON file of a Google service account: {fault}"],
            ConfigurationFolder.Faults($"push.fcm.credentials_file = \"{path}\""));
    }

    [Fact]
    public void What_is_in_a_credentials_file_is_looked_at_and_not_told()
    {
        Assert.Contains("its private_key is not a private RSA key", With("private_key", "secret"), StringComparison.Ordinal);
        using var key = RSA.Create(2048);
        Assert.Contains("its private_key is not a private RSA key", With("private_key", key.ExportSubjectPublicKeyInfoPem()), StringComparison.Ordinal);
        Assert.Contains("its token_uri is not encrypted", With("token_uri", "http://example.org/token"), StringComparison.Ordinal);

        string With(string name, string value)
        {
            var account = JsonNode.Parse(_fcm.Account)!.AsObject();
            account[name] = value;
            var path = _folder.Write("fcm.json", account.ToJsonString());
            var line = Assert.Single(ConfigurationFolder.Faults($"push.fcm.credentials_file = \"{path}\""));
            Assert.DoesNotContain(value, line, StringComparison.Ordinal);
            return line;
        }
    }

    [Fact]
    public void A_key_file_that_is_none_stops_the_start()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using var half = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (var text in (string[])["", "secret", other.ExportPkcs8PrivateKeyPem(), half.ExportSubjectPublicKeyInfoPem()])
        {
            var path = _folder.Write("key.p8", text);
            Assert.Equal(
                [$"mimu.toml:2: push.apns.key_file: \"{path}\" is not a .p8 key from Apple: expected a private key of P-256 in PEM"],
                ConfigurationFolder.Faults($"[push.apns]\nkey_file = \"{path}\"\nkey_id = \"a\"\nteam_id = \"b\"\ntopic = \"c\""));
        }
        Assert.Equal(
            ["mimu.toml:2: push.apns.topic: \"a b\" is no name of Apple's; expected letters, digits, - and ."],
            ConfigurationFolder.Faults("[push.apns]\ntopic = \"a b\""));
    }

    private MimuOptions Options() => ConfigurationFolder.Options($"""
        [server]
        data_dir = "{_folder.Directory}"
        [push.fcm]
        credentials_file = "{_folder.Write("good.json", _fcm.Account)}"
        endpoint = "{_fcm.Endpoint}"
        [push.apns]
        key_file = "{_folder.Write("good.p8", _apns.Key)}"
        key_id = "{ApnsStandIn.KeyId}"
        team_id = "{ApnsStandIn.TeamId}"
        topic = "{ApnsStandIn.Topic}"
        endpoint = "{_apns.Endpoint}"
        """);

    private async Task<IEnumerable<PushPlatform>> PlatformsAsync(MimuOptions options)
    {
        var backend = await BackendAsync();
        await using var provider = Provide(options, backend);
        var platforms = provider.GetServices<IPushSender>().Select(sender => sender.Platform).ToList();
        await backend.DisposeAsync();
        return platforms;
    }

    private Task<Backend> BackendAsync() => Task.FromResult(Backend.Open(ConfigurationFolder.Options($"server.data_dir = \"{_folder.Directory}\"")));

    private static ServiceProvider Provide(MimuOptions options, Backend backend)
    {
        var services = new ServiceCollection();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(_ => backend.Database);
        services.AddPush(options);
        return services.BuildServiceProvider();
    }
}

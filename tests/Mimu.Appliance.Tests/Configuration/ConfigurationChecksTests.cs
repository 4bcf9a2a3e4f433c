using static Mimu.Appliance.Tests.Configuration.ConfigurationFolder;

namespace Mimu.Appliance.Tests.Configuration;

/// <summary>What settings must be together.</summary>
public sealed class ConfigurationChecksTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tls_needs_both_files()
    {
        var file = _folder.Write("tls.pem", "x");
        Assert.Equal(["mimu.toml:1: server.tls.certificate_file: needs server.tls.key_file, which is not given"], Faults($"server.tls.certificate_file = \"{file}\""));
        Assert.Equal(["mimu.toml:1: server.tls.key_file: needs server.tls.certificate_file, which is not given"], Faults($"server.tls.key_file = \"{file}\""));
        Assert.True(Options($"[server.tls]\nkey_file = \"{file}\"\ncertificate_file = \"{file}\"").Server.Tls.Enabled);
    }

    [Theory]
    [InlineData("server.tls.certificate_file")]
    [InlineData("server.tls.key_file")]
    [InlineData("push.fcm.credentials_file")]
    [InlineData("push.apns.key_file")]
    [InlineData("subscriptions.apple.root_certificate_file")]
    [InlineData("subscriptions.google.credentials_file")]
    public void A_named_file_must_be_there(string key)
    {
        Assert.Equal([$"mimu.toml:1: {key}: \"/nowhere/x\" cannot be read: no such file"], Faults($"{key} = \"/nowhere/x\""));
        Assert.Equal([$"mimu.toml:1: {key}: \"/\" cannot be read: a directory, not a file"], Faults($"{key} = \"/\""));
        Assert.Equal([$"{Variable(key)}: \"nowhere\" cannot be read: no such file"], Faults("", (Variable(key), "nowhere")));
    }

    [Fact]
    public void A_named_file_is_looked_for_in_the_working_directory()
    {
        _folder.Write("apple.p8", AppleKey());
        _folder.Write("mimu.toml", "[push.apns]\nkey_file = \"apple.p8\"\nkey_id = \"a\"\nteam_id = \"b\"\ntopic = \"c\"");
        Assert.Empty(Lines(_folder.Read()));
    }

    [Fact]
    public void An_outside_store_needs_its_address_and_keys()
    {
        Assert.Equal(
        [
            "mimu.toml:1: media.backend: needs media.s3.endpoint, which is not given",
            "mimu.toml:1: media.backend: needs media.s3.access_key, which is not given",
            "mimu.toml:1: media.backend: needs media.s3.secret_key, which is not given",
        ], Faults("media.backend = \"s3\""));
        Assert.Equal(
            ["MIMU_MEDIA__BACKEND: needs media.s3.secret_key, which is not given"],
            Faults("[media.s3]\nendpoint = \"https://s3.example.org\"\naccess_key = \"a\"", ("MIMU_MEDIA__BACKEND", "s3")));
        Assert.Equal(
            ["mimu.toml:5: media.s3.secret_key_file: \"/nowhere\" cannot be used: no such file"],
            Faults("media.backend = \"s3\"\n[media.s3]\nendpoint = \"https://s3.example.org\"\naccess_key = \"a\"\nsecret_key_file = \"/nowhere\""));
        Assert.Empty(Faults("media.backend = \"s3\"\n[media.s3]\nendpoint = \"https://s3.example.org\"\naccess_key = \"a\"\nsecret_key = \"b\""));
    }

    [Fact]
    public void What_is_half_configured_is_told()
    {
        var file = _folder.Write("key.p8", AppleKey());
        var account = _folder.Write("account.json", GoogleAccount());
        Assert.Equal(
            ["mimu.toml:2: push.apns.key_file: needs push.apns.team_id, which is not given"],
            Faults($"[push.apns]\nkey_file = \"{file}\"\nkey_id = \"a\"\ntopic = \"b\""));
        Assert.Equal(
            ["mimu.toml:1: subscriptions.google.credentials_file: needs subscriptions.google.package_name, which is not given"],
            Faults($"subscriptions.google.credentials_file = \"{account}\""));
        Assert.Equal(
            ["mimu.toml:1: subscriptions.google.package_name: needs subscriptions.google.credentials_file, which is not given"],
            Faults("subscriptions.google.package_name = \"org.example.chat\""));
        Assert.Empty(Faults($"[subscriptions.google]\npackage_name = \"org.example.chat\"\ncredentials_file = \"{account}\""));
        Assert.Equal(
            ["mimu.toml:1: calls.turn_uris: needs calls.turn_secret, which is not given"],
            Faults("calls.turn_uris = [\"turn:turn.example.org\"]"));
        Assert.Empty(Faults("calls.turn_uris = [\"stun:stun.example.org\"]"));
    }

    [Fact]
    public void A_root_certificate_is_one_of_a_CA()
    {
        foreach (var (text, fault) in ((string, string)[])[
            ("x", "has no certificate in it: expected a root certificate in PEM"),
            (AppleKey(), "has no certificate in it: expected a root certificate in PEM"),
            (RootCertificate(isCa: false), "is not the certificate of a CA: expected a root certificate in PEM"),
            ($"{RootCertificate()}\n{RootCertificate()}", "has several certificates in it: expected the root certificate alone")])
        {
            var file = _folder.Write("root.pem", text);
            Assert.Equal([$"mimu.toml:1: subscriptions.apple.root_certificate_file: \"{file}\" {fault}"], Faults($"subscriptions.apple.root_certificate_file = \"{file}\""));
        }
        Assert.Empty(Faults($"subscriptions.apple.root_certificate_file = \"{_folder.Write("good.pem", RootCertificate())}\""));
    }

    [Fact]
    public void An_app_in_Apples_store_has_products()
    {
        Assert.Equal(
            ["mimu.toml:1: subscriptions.apple.bundle_id: needs subscriptions.apple.product_ids, which is not given"],
            Faults("subscriptions.apple.bundle_id = \"org.example.app\""));
        Assert.Empty(Faults("[subscriptions.apple]\nbundle_id = \"org.example.app\"\nproduct_ids = [\"premium.monthly\"]"));
    }

    [Theory]
    [InlineData("heartbeat = \"80s\"", "mimu.toml:2: realtime.heartbeat: is not shorter than realtime.idle_timeout (75s)")]
    [InlineData("idle_timeout = \"30s\"", "mimu.toml:2: realtime.idle_timeout: is not longer than realtime.heartbeat (30s)")]
    [InlineData("heartbeat = \"5s\"\nidle_timeout = \"5s\"", "mimu.toml:3: realtime.idle_timeout: is not longer than realtime.heartbeat (5s)")]
    public void Silence_must_be_allowed_for_longer_than_a_heartbeat(string toml, string fault) =>
        Assert.StartsWith(fault, Assert.Single(Faults($"[realtime]\n{toml}")), StringComparison.Ordinal);

    [Theory]
    [InlineData("argon2_memory = \"8KiB\"", null)]
    [InlineData("argon2_memory = \"4MiB\"\nargon2_parallelism = 64", null)]
    [InlineData("argon2_memory = 8191", "mimu.toml:2: auth.argon2_memory: 8191 is out of range; expected \"8KiB\" to \"4GiB\"")]
    [InlineData("argon2_memory = 8193", "mimu.toml:2: auth.argon2_memory: 8193 is not a whole number of KiB; expected e.g. \"19MiB\"")]
    [InlineData("argon2_memory = \"15KiB\"\nargon2_parallelism = 2", "mimu.toml:2: auth.argon2_memory: is too little; expected at least 16KiB, 8KiB for each of auth.argon2_parallelism")]
    public void Argon2_gets_the_memory_that_it_needs(string toml, string? fault) => Assert.Equal(fault is null ? [] : [fault], Faults($"[auth]\n{toml}"));

    [Fact]
    public void An_address_is_listened_on_once()
    {
        Assert.Equal(
            ["mimu.toml:1: server.listen: \"127.0.0.1:80\" stands there twice; expected each address once"],
            Faults("server.listen = [\"127.0.0.1:80\", \"127.0.0.1:80\"]"));
        Assert.Equal(
            ["mimu.toml:1: admin.listen: \"127.0.0.1:8080\" is an address of server.listen; expected another one"],
            Faults("admin.listen = \"127.0.0.1:8080\""));
        Assert.Empty(Faults("server.listen = [\"127.0.0.1:0\", \"127.0.0.1:0\"]\nadmin.listen = \"127.0.0.1:0\""));
    }

    [Fact]
    public void A_setting_at_fault_by_itself_is_told_once() =>
        Assert.Single(Faults("[realtime]\nheartbeat = \"80\"\nidle_timeout = \"20s\""));

    private static string Variable(string key) => $"MIMU_{key.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant()}";
}

using System.Net;
using Mimu.Appliance.Configuration;
using static Mimu.Appliance.Tests.Configuration.ConfigurationFolder;

namespace Mimu.Appliance.Tests.Configuration;

/// <summary>Texts that must have a form: addresses, networks, URLs.</summary>
public class FormatTests
{
    [Theory]
    [InlineData("127.0.0.1:8080", "127.0.0.1", 8080)]
    [InlineData("0.0.0.0:0", "0.0.0.0", 0)]
    [InlineData("[::1]:443", "::1", 443)]
    [InlineData("localhost:65535", "localhost", 65535)]
    [InlineData("chat.example.org:80", "chat.example.org", 80)]
    public void A_listen_address_is_host_and_port(string text, string host, int port)
    {
        Assert.Equal(new ListenAddress(host, port), ListenAddress.Parse(text));
        Assert.Equal(text, ListenAddress.Parse(text).ToString());
        Assert.Equal([text], Options($"server.listen = [\"{text}\"]").Server.Listen);
        Assert.Equal(text, Options($"admin.listen = \"{text.Replace("8080", "8081", StringComparison.Ordinal)}\"").Admin.Listen.Replace("8081", "8080", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_listen_address_resolves_to_what_is_bound()
    {
        Assert.Equal([new IPEndPoint(IPAddress.IPv6Loopback, 443)], await ListenAddress.Parse("[::1]:443").ResolveAsync(CancellationToken.None));
        Assert.Contains(new IPEndPoint(IPAddress.Loopback, 0), await ListenAddress.Parse("localhost:0").ResolveAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData("8080", "is not an address to listen on")]
    [InlineData(":8080", "is not an address to listen on")]
    [InlineData("127.0.0.1", "is not an address to listen on")]
    [InlineData("127.0.0.1:", "has no port from 0 to 65535")]
    [InlineData("127.0.0.1:65536", "has no port from 0 to 65535")]
    [InlineData("127.0.0.1:-1", "has no port from 0 to 65535")]
    [InlineData("127.0.0.1:http", "has no port from 0 to 65535")]
    [InlineData("256.0.0.1:80", "has neither an IP address nor a name")]
    [InlineData("127.1:80", "has neither an IP address nor a name")]
    [InlineData("*:80", "has neither an IP address nor a name")]
    [InlineData("-a:80", "has neither an IP address nor a name")]
    [InlineData("::1:80", "is not an address to listen on; an IPv6 address stands in brackets")]
    [InlineData("[::g]:80", "has no IPv6 address in its brackets")]
    [InlineData("[127.0.0.1]:80", "has no IPv6 address in its brackets")]
    [InlineData("http://127.0.0.1:80", "is not an address to listen on; an IPv6 address stands in brackets")]
    public void A_bad_listen_address_is_told(string text, string problem)
    {
        Assert.StartsWith($"mimu.toml:1: server.listen: \"{text}\" {problem}", Single($"server.listen = [\"{text}\"]"), StringComparison.Ordinal);
        Assert.StartsWith($"mimu.toml:1: admin.listen: \"{text}\" {problem}", Single($"admin.listen = \"{text}\""), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1/32")]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("172.17.0.1/16", "172.17.0.0/16")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("::1", "::1/128")]
    [InlineData("fd00::1/8", "fd00::/8")]
    public void Trusted_proxies_are_addresses_and_ranges(string text, string network) =>
        Assert.Equal([IPNetwork.Parse(network)], Options($"server.trusted_proxies = [\"{text}\"]").Server.TrustedNetworks);

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/-1")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0/8")]
    [InlineData("1")]
    [InlineData("0x7f.1/8")]
    [InlineData("::1/129")]
    [InlineData("proxy.example.org")]
    public void A_bad_range_is_told(string text) => Assert.Equal(
        $"mimu.toml:1: server.trusted_proxies: \"{text}\" is not an address or CIDR range; expected e.g. \"10.0.0.1\", \"10.0.0.0/8\" or \"fd00::/8\"",
        Single($"server.trusted_proxies = [\"{text}\"]"));

    [Theory]
    [InlineData("server.public_url", "")]
    [InlineData("server.public_url", "https://chat.example.org")]
    [InlineData("server.public_url", "http://192.168.1.5:8080/")]
    [InlineData("push.fcm.endpoint", "https://relay.example.org/fcm")]
    [InlineData("push.fcm.endpoint", "http://127.0.0.1:9000")]
    [InlineData("push.fcm.endpoint", "http://127.1.2.3")]
    [InlineData("push.fcm.endpoint", "http://localhost:9000")]
    [InlineData("push.apns.endpoint", "http://[::1]:9000")]
    [InlineData("push.apns.endpoint", "")]
    [InlineData("push.webpush.subject", "mailto:admin@example.org")]
    [InlineData("push.webpush.subject", "https://example.org/contact")]
    [InlineData("media.bucket", "my-bucket.2")]
    public void Good_forms_are_taken(string key, string text) => Assert.Empty(Faults($"{key} = \"{text}\""));

    [Theory]
    [InlineData("server.public_url", "chat.example.org", "is not a URL")]
    [InlineData("server.public_url", "ftp://chat.example.org", "is not a URL")]
    [InlineData("server.public_url", "https://", "is not a URL")]
    [InlineData("server.public_url", "https://chat.example.org/mimu", "has more than that")]
    [InlineData("server.public_url", "https://chat.example.org?a=b", "has more than that")]
    [InlineData("push.fcm.endpoint", "", "is not a URL")]
    [InlineData("push.fcm.endpoint", "http://fcm.googleapis.com", "is not encrypted")]
    [InlineData("push.fcm.endpoint", "http://localhost.example.org", "is not encrypted")]
    [InlineData("push.fcm.endpoint", "http://10.0.0.1", "is not encrypted")]
    [InlineData("media.s3.endpoint", "http://minio:9000", "is not encrypted")]
    [InlineData("media.s3.endpoint", "s3.example.org", "is not a URL")]
    [InlineData("media.s3.endpoint", "https://s3.example.org/a%20b", "has an escape in it")]
    [InlineData("media.s3.access_key", "key id", "can't stand in a signature")]
    [InlineData("media.s3.region", "eu/central", "can't stand in a signature")]
    [InlineData("media.s3.region", "", "is empty")]
    [InlineData("subscriptions.google.endpoint", "https://a.example.org/?x=1", "has a user, a query or a fragment")]
    [InlineData("subscriptions.google.package_name", "org..chat", "is no Android app's name")]
    [InlineData("subscriptions.google.package_name", "org.example/chat", "is no Android app's name")]
    [InlineData("subscriptions.google.package_name", "org.1example", "is no Android app's name")]
    [InlineData("push.webpush.subject", "admin@example.org", "is not a contact")]
    [InlineData("media.bucket", "My-Bucket", "is not a bucket's name")]
    [InlineData("media.bucket", "ab", "is not a bucket's name")]
    [InlineData("media.bucket", "a/b", "is not a bucket's name")]
    [InlineData("media.bucket", "users", "is the name of one of the server's own paths")]
    public void Bad_forms_are_told(string key, string text, string problem) =>
        Assert.StartsWith($"mimu.toml:1: {key}: \"{text}\" {problem}", Single($"{key} = \"{text}\""), StringComparison.Ordinal);

    [Theory]
    [InlineData("server.public_url")]
    [InlineData("push.fcm.endpoint")]
    public void A_password_in_a_url_is_refused_and_not_repeated(string key) =>
        Assert.StartsWith($"mimu.toml:1: {key}: \"https://…@chat.example.org\" has ", Single($"{key} = \"https://admin:hunter2@chat.example.org\""), StringComparison.Ordinal);

    [Theory]
    [InlineData("https://web.example.org")]
    [InlineData("http://localhost:5173")]
    [InlineData("http://[::1]:5173")]
    [InlineData("capacitor://localhost")]
    public void An_origin_is_taken_as_browsers_send_it(string origin) =>
        Assert.Equal([origin], Options($"server.cors_origins = [\"{origin}\"]").Server.CorsOrigins);

    [Theory]
    [InlineData("https://web.example.org/", "expected \"https://web.example.org\"")]
    [InlineData("https://Web.example.org:443", "expected \"https://web.example.org\"")]
    [InlineData("https://web.example.org/app", "expected \"https://web.example.org\"")]
    [InlineData("web.example.org", "is not an origin")]
    [InlineData("*", "is not an origin")]
    public void An_origin_in_another_form_is_told(string origin, string problem) =>
        Assert.Contains(problem, Single($"server.cors_origins = [\"{origin}\"]"), StringComparison.Ordinal);

    [Theory]
    [InlineData("turn:turn.example.org")]
    [InlineData("turn:turn.example.org:3478?transport=udp")]
    [InlineData("turns:[2001:db8::1]:5349?transport=tcp")]
    [InlineData("stun:192.0.2.1")]
    public void Turn_uris_are_taken(string uri) =>
        Assert.Equal([uri], Options($"[calls]\nturn_secret = \"s\"\nturn_uris = [\"{uri}\"]").Calls.TurnUris);

    [Theory]
    [InlineData("turn.example.org")]
    [InlineData("turn://turn.example.org")]
    [InlineData("turn:")]
    [InlineData("turn:turn.example.org:99999")]
    [InlineData("turn:turn.example.org?transport=sctp")]
    [InlineData("https://turn.example.org")]
    public void Bad_turn_uris_are_told(string uri) =>
        Assert.StartsWith($"mimu.toml:2: calls.turn_uris: \"{uri}\" ", Single($"calls.turn_secret = \"s\"\ncalls.turn_uris = [\"{uri}\"]"), StringComparison.Ordinal);

    [Fact]
    public void A_socket_path_must_fit_into_a_socket_address()
    {
        Assert.Empty(Faults($"admin.socket = \"/{new string('a', 106)}\""));
        Assert.Contains("is too long for a Unix socket", Single($"admin.socket = \"/{new string('a', 107)}\""), StringComparison.Ordinal);
    }

    private static string Single(string toml) => Assert.Single(Faults(toml));
}

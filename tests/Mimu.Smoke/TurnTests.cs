using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Mimu.Smoke;

/// <summary>Protocol 9.1 with the TURN server that people run, and <c>mimu admin turn test</c>.</summary>
public sealed class TurnTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Coturn_takes_the_credentials_that_the_server_gives_and_no_others()
    {
        await using var coturn = await Coturn.StartAsync("north");
        var (program, address) = await Program.ServeAsync(_directory.FullName,
            ("MIMU_CALLS__TURN_URIS", $"turn:127.0.0.1:{coturn.Port}?transport=udp"), ("MIMU_CALLS__TURN_SECRET", "north"));
        await using var server = program;
        var alice = await Client.RegisterAsync(address, "alice");
        var told = await alice.GetAsync("/calls/turn-credentials");
        var (username, password) = ((string)told["username"]!, (string)told["password"]!);
        foreach (var isTcp in (bool[])[false, true])
        {
            var (exitCode, said) = await coturn.RelayAsync(username, password, isTcp);
            Assert.True(exitCode == 0, said);
            Assert.Contains("Total lost packets 0", said, StringComparison.Ordinal);
        }
        // Somebody else's name with this password, and credentials that were good until a minute ago.
        var expired = $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 60}:{username.Split(':')[1]}";
        foreach (var (name, word) in ((string, string)[])[($"{username}0", password), (expired, PasswordOf(expired, "north"))])
        {
            var (exitCode, said) = await coturn.RelayAsync(name, word);
            Assert.NotEqual(0, exitCode);
            Assert.Contains("Cannot complete Allocation", said, StringComparison.Ordinal);
        }
        Assert.Empty(server.Errors);
    }

    [Fact]
    public async Task The_test_allocates_over_UDP_and_TCP_and_tells_which_of_two_secrets_is_taken()
    {
        await using var coturn = await Coturn.StartAsync("north", "new");
        await ConfigureAsync("north\nnew", $"turn:127.0.0.1:{coturn.Port}", $"turn:127.0.0.1:{coturn.Port}?transport=tcp", $"stun:127.0.0.1:{coturn.Port}");
        var (exitCode, said, errors) = await Program.RunAsync(_directory.FullName, "admin", "turn", "test");
        Assert.True(exitCode == 0, said + errors);
        Assert.Contains("relays at 127.0.0.1:", said, StringComparison.Ordinal);

        await ConfigureAsync("north\nother", $"turn:127.0.0.1:{coturn.Port}", $"turn:127.0.0.1:{coturn.Port}?transport=tcp", $"stun:127.0.0.1:{coturn.Port}");
        (exitCode, said, _) = await Program.RunAsync(_directory.FullName, "admin", "turn", "test", "--json");
        Assert.Equal(1, exitCode);
        Assert.Equal(["allocated 1", "wrong_secret 2", "allocated 1", "wrong_secret 2", "answered "], Findings(said));
    }

    [Fact]
    public async Task Over_TLS_the_certificate_must_be_trusted()
    {
        await using var coturn = await Coturn.StartAsync("north");
        await ConfigureAsync("north", $"turns:localhost:{coturn.SecurePort}", $"turns:127.0.0.1:{coturn.SecurePort}?transport=tcp");
        var (exitCode, said, _) = await Program.RunAsync(_directory.FullName, "admin", "turn", "test", "--json");
        Assert.Equal(1, exitCode);
        Assert.DoesNotContain(Findings(said), finding => finding.StartsWith("allocated", StringComparison.Ordinal));
        Assert.Contains("not_trusted 1", Findings(said));

        // With its issuer among those that are trusted it is good for its name, and for no other.
        (_, said, _) = await Program.RunAsync(_directory.FullName, [("SSL_CERT_FILE", coturn.CertificateFile)], "admin", "turn", "test", "--json");
        Assert.Contains("allocated 1", Findings(said));
        Assert.Equal("not_trusted 1", Findings(said)[^1]);
    }

    [Fact]
    public async Task What_fails_is_told_for_each_server()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var refusing = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        await ConfigureAsync("north", $"turn:127.0.0.1:{((IPEndPoint)silent.LocalEndPoint!).Port}", $"turn:127.0.0.1:{refusing}?transport=tcp", $"turn:127.0.0.1:{refusing}",
            "turn:nowhere.invalid", $"turns:127.0.0.1:{refusing}?transport=udp");
        var (exitCode, said, _) = await Program.RunAsync(_directory.FullName, "admin", "turn", "test", "--json");
        Assert.Equal(1, exitCode);
        Assert.Equal(["no_answer 1", "refused 1", "refused 1", "name_not_found ", "not_tested "], Findings(said));

        await File.WriteAllTextAsync(_directory.PathOf("mimu.toml"), "");
        (exitCode, said, var errors) = await Program.RunAsync(_directory.FullName, "admin", "turn", "test");
        Assert.Equal((78, "", "mimu: There is nothing to test: calls.turn_uris names no server.\n"), (exitCode, said, errors));
    }

    private async Task ConfigureAsync(string secrets, params string[] uris)
    {
        await File.WriteAllTextAsync(_directory.PathOf("turn-secrets"), $"{secrets}\n");
        await File.WriteAllTextAsync(_directory.PathOf("mimu.toml"), $"[calls]\nturn_uris = [{string.Join(", ", uris.Select(uri => $"\"{uri}\""))}]\nturn_secret_file = \"turn-secrets\"\n");
    }

    private static string[] Findings(string json) =>
        [.. JsonNode.Parse(json)!["servers"]!.AsArray().Select(server => $"{(string)server!["outcome"]!} {(int?)server["secret"]}")];

    /// <summary>As any other program would make it.</summary>
    private static string PasswordOf(string username, string secret)
    {
#pragma warning disable CA5350 // What coturn checks
        return Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(username)));
#pragma warning restore CA5350
    }
}

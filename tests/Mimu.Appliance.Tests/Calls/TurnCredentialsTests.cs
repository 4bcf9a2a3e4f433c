using System.Globalization;
using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Calls;

namespace Mimu.Appliance.Tests.Calls;

/// <summary>Protocol 9.1.</summary>
public class TurnCredentialsTests
{
    private const string Path = "/calls/turn-credentials";

    private static readonly string[] _uris = ["stun:turn.example.org", "turn:turn.example.org:3478?transport=udp", "turns:turn.example.org:5349?transport=tcp"];

    [Fact]
    public async Task Credentials_are_what_a_browser_takes_and_coturn_checks()
    {
        await using var host = await Start();
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var before = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var told = (await alice.Http.GetAsync(Path)).Expect(200);
        Assert.Equal(["username", "password", "ttl", "uris", "ice_servers"], told.Select(member => member.Key));
        var (username, password) = ((string)told["username"]!, (string)told["password"]!);
        Assert.Matches("^[0-9]+:[0-9a-f]{32}$", username);
        Assert.InRange(long.Parse(username.Split(':')[0], CultureInfo.InvariantCulture), before + 3600, before + 3660);
        Assert.Equal(TurnCredentials.PasswordOf(username, "north"), password);
        Assert.Equal(3600, (long)told["ttl"]!);
        Assert.Equal(_uris, told["uris"]!.AsArray().Select(uri => (string)uri!));
        Assert.Equal($$"""[{"urls":["{{_uris[0]}}"]},{"urls":["{{_uris[1]}}","{{_uris[2]}}"],"username":"{{username}}","credential":"{{password}}"}]""", told["ice_servers"]!.ToJsonString(_plain));

        Assert.DoesNotContain(alice.UserId.Replace("-", "", StringComparison.Ordinal), username, StringComparison.Ordinal);
        var pseudonym = username.Split(':')[1];
        Assert.Equal(pseudonym, await PseudonymOfAsync(alice));
        Assert.NotEqual(pseudonym, await PseudonymOfAsync(bob));
    }

    [Fact]
    public async Task A_pseudonym_outlives_the_server_and_the_secret()
    {
        var directory = Directory.CreateTempSubdirectory("mimu-calls-").FullName;
        string pseudonym;
        Registration registration;
        await using (var host = await Start(directory))
        {
            var alice = await host.RegisterAsync("alice");
            (pseudonym, registration) = (await PseudonymOfAsync(alice), alice.Registration);
        }
        await using (var host = await Start(directory, "west\nnorth"))
        {
            var tokens = (await host.Anonymous.PostAsync("/auth/login", new JsonObject { ["public_id"] = (string)registration.Body["public_id"]!, ["password"] = registration.Password })).Expect(200);
            var told = (await new Person(host, registration, tokens).Http.GetAsync(Path)).Expect(200);
            Assert.EndsWith($":{pseudonym}", (string)told["username"]!, StringComparison.Ordinal);
            Assert.Equal(TurnCredentials.PasswordOf((string)told["username"]!, "west"), (string)told["password"]!);
        }
        Directory.Delete(directory, recursive: true);
    }

    [Theory]
    [InlineData(true, "")]
    [InlineData(false, "north")]
    public async Task Without_servers_or_a_secret_there_are_none_and_no_key_is_made(bool hasUris, string secret)
    {
        await using var host = await Host.Start(options => (options.Calls.TurnUris, options.Calls.TurnSecret) = (hasUris ? _uris : [], secret));
        var alice = await host.RegisterAsync("alice");
        (await alice.Http.GetAsync(Path)).ExpectProblem(503, "calls_not_configured");
        Assert.False(File.Exists(System.IO.Path.Combine(host.DataDirectory, "call-keys")));
    }

    private static readonly System.Text.Json.JsonSerializerOptions _plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static Task<Host> Start(string? directory = null, string secret = "north") =>
        Host.Start(options => (options.Calls.TurnUris, options.Calls.TurnSecret) = (_uris, secret), dataDirectory: directory);

    private static async Task<string> PseudonymOfAsync(Person person) => ((string)(await person.Http.GetAsync(Path)).Expect(200)["username"]!).Split(':')[1];
}

using System.Text.Json.Nodes;
using Mimu.PushStandIns;

namespace Mimu.Smoke;

/// <summary>What an administrator sees of pushes: two verbs, the log, and what is said of credentials that are none.</summary>
public sealed class PushAdminTests : IAsyncLifetime
{
    private PushServices _services = null!;

    public async Task InitializeAsync() => _services = await PushServices.StartAsync("debug");

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        _services.ExpectNoFaults();
    }

    [Fact]
    public async Task The_test_tells_what_the_services_say_with_the_server_running_and_without()
    {
        var (server, address) = await _services.ServeAsync();
        await using var program = server;
        var bob = await Client.RegisterAsync(address, "bob");
        await Client.RegisterAsync(address, "carol");
        foreach (var platform in PushServices.Platforms)
        {
            await _services.RegisterAsync(bob, platform);
        }
        await ExpectTestsAsync(stored: 3);
        server.Signal("TERM");
        Assert.Equal(0, await server.WaitAsync());
        await ExpectTestsAsync(stored: 3);
    }

    [Fact]
    public async Task The_queue_tells_what_waits_with_the_server_running_and_without()
    {
        var (server, address) = await _services.ServeAsync();
        await using var program = server;
        var (alice, bob, carol) = (await Client.RegisterAsync(address, "alice"), await Client.RegisterAsync(address, "bob"), await Client.RegisterAsync(address, "carol"));
        await _services.RegisterAsync(bob, PushServices.Fcm);
        await _services.RegisterAsync(bob, PushServices.WebPush);
        await _services.RegisterAsync(carol, PushServices.WebPush);
        ExpectQueue(await _services.AskQueueAsync(), (1, 0), (0, 0), (2, 0));
        Assert.Empty((await _services.AskQueueAsync())["counts"]!.AsArray());

        _services.Google.Answer = _ => StandInAnswer.Silence;
        await alice.SendAsync(await alice.OpenChatAsync(bob, carol), "hello");
        await _services.NextAsync(PushServices.Fcm);
        await Deadline.Until("two pushes to be noted", async () =>
            (await _services.AskQueueAsync())["counts"]!.AsArray() is [var one] && (string?)one!["platform"] == "webpush" && (int)one["count"]! == 2 && (string?)one["outcome"] == "accepted");
        ExpectQueue(await _services.AskQueueAsync(), (1, 1), (0, 0), (2, 0));
        var text = await ExpectTextAsync(0, "push", "queue");
        Assert.Matches(@"(?m)^fcm +yes +1 +1 +[01] +\d+ s$", text);
        Assert.Matches(@"(?m)^webpush +fetch +accepted +2$", text);

        server.Kill();
        await server.WaitAsync();
        ExpectQueue(await _services.AskQueueAsync(), (1, 1), (0, 0), (2, 0));
        Assert.Matches(@"(?m)^fcm +yes +1 +1 +[01] +\d+ s$", await ExpectTextAsync(0, "push", "queue"));
    }

    [Fact]
    public async Task The_log_says_what_became_of_pushes_and_has_nothing_secret_in_it()
    {
        var (server, address) = await _services.ServeAsync();
        await using var program = server;
        var alice = await Client.RegisterAsync(address, "alice");
        var secrets = new List<string> { alice.Token, "Bearer ", "vapid t=", "Authorization", "BEGIN PRIVATE KEY", "hello there" };
        secrets.AddRange(_services.Apple.Key.Split('\n').Concat(((string)JsonNode.Parse(_services.Google.Account)!["private_key"]!).Split('\n')).Where(line => line.Length > 10 && line[0] != '-'));
        Dictionary<string, StandInAnswer?> answers = [];
        var people = await Task.WhenAll(Enumerable.Range(0, 5).Select(number => Client.RegisterAsync(address, $"away_{number}")));
        foreach (var (number, person) in people.Index())
        {
            foreach (var platform in PushServices.Platforms)
            {
                var token = await _services.RegisterAsync(person, platform);
                answers[token] = AnswerOf(platform, number, token);
            }
        }
        // One with nobody there, and one that is a secret all over.
        foreach (var endpoint in (string[])["http://127.0.0.1:9/nobody/listens-at-this-path", "http://secret-host-name.invalid/secret-path"])
        {
            var subscription = _services.Browsers.Subscribe() with { Endpoint = endpoint };
            secrets.AddRange([new Uri(endpoint).AbsolutePath, subscription.P256dh, subscription.Auth]);
            await PushServices.RegisterAsync(people[0], subscription);
        }
        secrets.AddRange(answers.Keys);
        secrets.AddRange(people.Select(person => person.Token));
        Array.ForEach([.. _services.All], service => service.Answer = push => answers[push.Token]);

        await alice.SendAsync(await alice.OpenChatAsync(people), "hello there");
        // Dead tokens and failures are told at the level debug.
        string[] said = ["Fcm is dead", "Apns is dead", "WebPush is dead", "Fcm failed", "Apns failed", "WebPush failed", "Fcm was refused", "Apns was refused", "WebPush was refused",
            "Fcm refuses this server", "Apns refuses this server", "can't be reached", "is not known to the DNS"];
        foreach (var words in said)
        {
            await Deadline.Until($"'{words}' in the log", () => Task.FromResult(server.Errors.Contains(words, StringComparison.Ordinal)));
        }
        await _services.AdminAsync("push", "test", "away_0");
        server.Signal("TERM");
        Assert.Equal(0, await server.WaitAsync());

        var requests = _services.All.SelectMany(service => service.Pushes).ToList();
        Assert.True(requests.Count > answers.Count);
        secrets.AddRange(requests.SelectMany(push => push.Request.Header("Authorization").Split([' ', '=', ',', '.'])).Where(part => part.Length > 30).Distinct());
        var log = server.Output + server.Errors;
        Assert.All(secrets, secret => Assert.DoesNotContain(secret, log, StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("push.fcm.credentials_file", "[push.fcm]\ncredentials_file = \"there-is-none.json\"\n", "there-is-none.json")]
    [InlineData("push.fcm.credentials_file", "[push.fcm]\ncredentials_file = \"apns.p8\"\n", "apns.p8")]
    [InlineData("push.apns.key_file", "[push.apns]\nkey_file = \"fcm.json\"\nkey_id = \"ABC123DEFG\"\nteam_id = \"DEF123GHIJ\"\ntopic = \"org.example.mimu\"\n", "fcm.json")]
    [InlineData("push.apns.key_id", "[push.apns]\nkey_file = \"apns.p8\"\nteam_id = \"DEF123GHIJ\"\ntopic = \"org.example.mimu\"\n", "key_id")]
    public async Task Wrong_credentials_are_told_before_anything_is_started(string setting, string settings, string named)
    {
        await File.WriteAllTextAsync(_services.Directory.PathOf("mimu.toml"), settings);
        foreach (var arguments in (string[][])[["serve"], ["config", "check"]])
        {
            var (code, output, errors) = await Program.RunAsync(_services.Directory.FullName, arguments);
            Assert.True(code == 78, $"expected exit code 78, got {code}: {output}{errors}");
            var line = Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Contains(setting, line, StringComparison.Ordinal);
            Assert.Contains(named, line, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
            Assert.DoesNotContain("private_key\"", line, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(_services.Directory.PathOf("mimu-data")));
    }

    /// <summary>Each person's services answer otherwise, and some say what they were asked.</summary>
    private static StandInAnswer? AnswerOf(string platform, int number, string token) => (platform, number) switch
    {
        (_, 0) => null,
        (PushServices.Fcm, 1) => FcmStandIn.Error(404, "NOT_FOUND", "UNREGISTERED"),
        (PushServices.Fcm, 2) => FcmStandIn.Error(503, "UNAVAILABLE", "UNAVAILABLE"),
        (PushServices.Fcm, 3) => FcmStandIn.Error(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
        (PushServices.Fcm, _) => FcmStandIn.Error(403, "PERMISSION_DENIED", null),
        (PushServices.Apns, 1) => ApnsStandIn.Error(410, "Unregistered"),
        (PushServices.Apns, 2) => ApnsStandIn.Error(503, "ServiceUnavailable"),
        (PushServices.Apns, 3) => ApnsStandIn.Error(400, "DeviceTokenNotForTopic"),
        (PushServices.Apns, _) => ApnsStandIn.Error(403, "InvalidProviderToken"),
        (_, 1) => new StandInAnswer(410),
        (_, 2) => new StandInAnswer(503, $"{token} can't be reached"),
        (_, 3) => new StandInAnswer(400, $"{token} is not good"),
        _ => new StandInAnswer(403),
    };

    private static void ExpectQueue(JsonNode queue, params (int Registrations, int Waiting)[] expected) => Assert.Equal(
        PushServices.Platforms.Zip(expected).Select(one => (one.First, true, one.Second.Registrations, one.Second.Waiting)),
        queue["platforms"]!.AsArray().Select(one => ((string)one!["platform"]!, (bool)one["configured"]!, (int)one["registrations"]!, (int)one["waiting"]!)));

    /// <summary>All is well; nobody there; nothing registered; one token dead, which a test does not remove.</summary>
    private async Task ExpectTestsAsync(int stored)
    {
        var text = await ExpectTextAsync(0, "push", "test", "bob");
        Assert.Equal(PushServices.Platforms.Order(), text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0]).Order());
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Matches("^[a-z]+ +device 1 +accepted", line));
        foreach (var platform in PushServices.Platforms)
        {
            Assert.Equal("fetch", (await _services.NextAsync(platform)).Kind);
        }
        Assert.Equal("Nothing is registered for pushes.\n", await ExpectTextAsync(0, "push", "test", "carol"));

        var (unknownCode, unknownOutput, unknown) = await _services.AdminAsync("push", "test", "nobody");
        Assert.Equal((1, "", 1), (unknownCode, unknownOutput, unknown.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        Assert.Contains("No account has this public id", unknown, StringComparison.Ordinal);

        _services.Browsers.Answer = _ => new StandInAnswer(410);
        var (code, json, errors) = await _services.AdminAsync("push", "test", "bob", "--json");
        _services.Browsers.Answer = null;
        Assert.True(code == 1, $"expected exit code 1, got {code}: {json}{errors}");
        var results = JsonNode.Parse(json)!["results"]!.AsArray();
        Assert.Equal(stored, results.Count);
        Assert.All(results, one => Assert.Equal((string?)one!["platform"] == "webpush" ? "dead" : "accepted", (string?)one["outcome"]));
        Assert.All(results, one => Assert.Equal(1, (int)one!["device_id"]!));
        Assert.DoesNotContain("/push/", json, StringComparison.Ordinal);
        foreach (var platform in PushServices.Platforms)
        {
            await _services.NextAsync(platform);
        }
    }

    private async Task<string> ExpectTextAsync(int expected, params string[] arguments)
    {
        var (code, output, errors) = await _services.AdminAsync(arguments);
        Assert.True(code == expected, $"expected exit code {expected}, got {code}: {output}{errors}");
        Assert.Empty(errors);
        return output;
    }
}

using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mimu.PushStandIns;

namespace Mimu.Smoke;

/// <summary>The three kinds of push services on loopback, a directory with the settings that lead to them, and what clients register with them.</summary>
internal sealed class PushServices : IAsyncDisposable
{
    public const string Fcm = "fcm";
    public const string Apns = "apns";
    public const string WebPush = "webpush";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private PushServices(FcmStandIn google, ApnsStandIn apple, WebPushStandIn browsers) => (Google, Apple, Browsers) = (google, apple, browsers);

    public static IReadOnlyList<string> Platforms { get; } = [Fcm, Apns, WebPush];

    public FcmStandIn Google { get; }

    public ApnsStandIn Apple { get; }

    public WebPushStandIn Browsers { get; }

    public IReadOnlyList<PushStandIn> All => [Google, Apple, Browsers];

    /// <summary>Where the server runs.</summary>
    public TemporaryDirectory Directory { get; } = new();

    /// <param name="level">What the server logs.</param>
    public static async Task<PushServices> StartAsync(string level = "info")
    {
        var services = new PushServices(await FcmStandIn.StartAsync(), await ApnsStandIn.StartAsync(), await WebPushStandIn.StartAsync());
        await services.WriteSettingsAsync(level);
        return services;
    }

    public PushStandIn Of(string platform) => All[Platforms.ToList().IndexOf(platform)];

    public Task<(Program Program, Uri Address)> ServeAsync() => Program.ServeAsync(Directory.FullName);

    /// <summary>An administrator's verb, with the server running or not.</summary>
    public Task<(int ExitCode, string Output, string Errors)> AdminAsync(params string[] arguments) => Program.RunAsync(Directory.FullName, ["admin", .. arguments]);

    /// <summary>Writes mimu.toml, which all verbs read, and the files that it names.</summary>
    private async Task WriteSettingsAsync(string level)
    {
        await File.WriteAllTextAsync(Directory.PathOf("fcm.json"), Google.Account);
        await File.WriteAllTextAsync(Directory.PathOf("apns.p8"), Apple.Key);
        await File.WriteAllTextAsync(Directory.PathOf("mimu.toml"), $"""
            [log]
            level = "{level}"
            [auth]
            argon2_memory = "64KiB"
            argon2_iterations = 1
            [push.fcm]
            credentials_file = "{Directory.PathOf("fcm.json")}"
            endpoint = "{Google.Endpoint}"
            [push.apns]
            key_file = "{Directory.PathOf("apns.p8")}"
            key_id = "{ApnsStandIn.KeyId}"
            team_id = "{ApnsStandIn.TeamId}"
            topic = "{ApnsStandIn.Topic}"
            endpoint = "{Apple.Endpoint}"
            [push.webpush]
            subject = "mailto:admin@example.org"
            allow_private_endpoints = true

            """);
    }

    /// <summary>Registers something new; what <see cref="ReceivedPush.Token"/> has of it.</summary>
    public async Task<string> RegisterAsync(Client client, string platform)
    {
        if (platform == WebPush)
        {
            var subscription = Browsers.Subscribe();
            await RegisterAsync(client, subscription);
            return subscription.Path;
        }
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        await client.PostAsync("/api/v1/notifications/devices", new JsonObject { ["platform"] = platform, ["token"] = token });
        return token;
    }

    public static Task RegisterAsync(Client client, StandInSubscription subscription) => client.PostAsync("/api/v1/notifications/devices", new JsonObject
    {
        ["platform"] = WebPush,
        ["subscription"] = new JsonObject
        {
            ["endpoint"] = subscription.Endpoint,
            ["keys"] = new JsonObject { ["p256dh"] = subscription.P256dh, ["auth"] = subscription.Auth },
        },
    });

    /// <summary>The next push that comes by a platform.</summary>
    public Task<ReceivedPush> NextAsync(string platform) => Of(platform).NextAsync(_patience);

    /// <summary>Waits until nothing waits to be pushed any more.</summary>
    public Task AwaitEmptyQueueAsync() => Deadline.Until("the queue of pushes to be empty", async () =>
        (await AskQueueAsync())["platforms"]!.AsArray().All(platform => (int)platform!["waiting"]! == 0));

    /// <summary>What <c>mimu admin push queue</c> tells.</summary>
    public async Task<JsonNode> AskQueueAsync()
    {
        var (code, output, errors) = await AdminAsync("push", "queue", "--json");
        Assert.True(code == 0, $"mimu admin push queue ended with {code}: {errors}");
        return JsonNode.Parse(output)!;
    }

    /// <summary>What is wrong with pushes is a fault of the server's, whatever the test is about.</summary>
    public void ExpectNoFaults() => Assert.All(All, service => Assert.Empty(service.Faults));

    public async ValueTask DisposeAsync()
    {
        foreach (var service in All)
        {
            await service.DisposeAsync();
        }
        Directory.Dispose();
    }
}

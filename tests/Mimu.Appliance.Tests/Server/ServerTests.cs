using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Accounts;

namespace Mimu.Appliance.Tests.Server;

/// <summary>Protocol section 12.</summary>
public class ServerTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task The_server_describes_itself()
    {
        var description = (await host.Anonymous.GetAsync("/.well-known/mimu")).Expect(200);
        Assert.Equal("mimu", (string?)description["name"]);
        Assert.Equal("open", (string?)description["registration"]);
        Assert.Equal(["accounts", "prekeys", "key-backup", "devices", "blocks", "chats", "messages", "sync", "websocket", "media", "calls", "notifications", "subscriptions"], description["features"]!.AsArray().Select(feature => (string)feature!));
        Assert.Equal($"ws://127.0.0.1:{host.Address.Port.ToString(CultureInfo.InvariantCulture)}/ws", (string?)description["websocket_url"]);
        var limits = new JsonObject
        {
            ["json_body"] = 1 << 20,
            ["websocket_frame"] = 512 << 10,
            ["encrypted_payload"] = 256 << 10,
            ["encrypted_metadata"] = 16 << 10,
            ["chat_participants"] = 1000,
            ["forward_targets"] = 32,
            ["edit_window"] = 48 * 3600,
            ["prekeys_per_call"] = 100,
            ["one_time_prekeys"] = 500,
            ["prekeys_low"] = 10,
            ["key_backup"] = 1 << 20,
            ["password_min_length"] = 8,
            ["access_token_lifetime"] = 900,
            ["refresh_token_lifetime"] = 30 * 24 * 3600,
            ["file"] = 100 << 20,
            ["file_quota"] = 5L << 30,
            ["premium_file"] = 2L << 30,
            ["premium_file_quota"] = 50L << 30,
            ["upload_url_lifetime"] = 900,
            ["download_url_lifetime"] = 3600,
            ["message_lifetime"] = 365 * 24 * 3600,
        };
        Assert.Equal(limits.ToJsonString(), description["limits"]!.ToJsonString());
    }

    /// <summary>Kestrel asks the factory that was registered last; UseSockets, called anywhere, would register its own behind.</summary>
    [Fact]
    public void Newcomers_are_accepted_fairly() => Assert.IsType<FairAccepting>(host.Services.GetServices<IConnectionListenerFactory>().Last());

    [Fact]
    public async Task The_limits_are_those_of_the_settings_and_hold()
    {
        await using var other = await Host.Start(options =>
        {
            options.Server.PublicUrl = "https://chat.example.org/";
            options.Limits.JsonBody = 4096;
            options.Limits.WebSocketFrame = 2048;
            options.Messages.MaxPayload = 1000;
            options.Chats.MaxParticipants = 2;
            options.Auth.PasswordMinLength = 12;
            options.Auth.AccessTokenLifetime = TimeSpan.FromMinutes(1);
            options.Auth.RefreshTokenLifetime = TimeSpan.FromHours(1);
            options.Realtime.Heartbeat = TimeSpan.FromSeconds(7);
            (options.Media.MaxFile, options.Media.Quota, options.Limits.Premium.MaxFile, options.Limits.Premium.Quota) = (1, 2, 3, 4);
            (options.Media.UploadUrlLifetime, options.Media.DownloadUrlLifetime) = (TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(6));
        });
        var description = (await other.Anonymous.GetAsync("/.well-known/mimu")).Expect(200);
        Assert.Equal("wss://chat.example.org/ws", (string?)description["websocket_url"]);
        var limits = description["limits"]!;
        Assert.Equal([4096, 2048, 1000, 16384, 2, 32, 172800, 100, 500, 10, 1048576, 12, 60, 3600, 1, 2, 3, 4, 5, 6, 31536000], limits.AsObject().Select(limit => (int)limit.Value!));

        (await other.Anonymous.PostAsync("/auth/register", new Registration("short") { Body = { ["password"] = "12345678901" } }.Body)).ExpectFaults("password");
        var alice = await other.RegisterAsync("alice");
        var chat = await alice.CreateGroupAsync();
        await alice.SendAsync(chat, new byte[1000]);
        (await alice.TrySendAsync(chat, new byte[1001])).ExpectProblem(413, "payload_too_large");
        (await alice.TrySendAsync(chat, [1], body => body["padding"] = new string(' ', 4096))).ExpectProblem(413, "payload_too_large");
        var socket = await alice.ConnectAsync();
        Assert.Equal(7, (int?)socket.Hello["heartbeat_seconds"]);
        await socket.SendAsync(new JsonObject { ["type"] = "Ping", ["padding"] = new string(' ', 2048) });
        await socket.ExpectCloseAsync(1009);
    }

    [Theory]
    [InlineData(RegistrationMode.Closed, "closed")]
    [InlineData(RegistrationMode.Invite, "invite")]
    public async Task The_description_says_who_may_register(RegistrationMode mode, string word)
    {
        await using var other = await Host.Start(options => options.Registration.Mode = mode);
        Assert.Equal(word, (string?)(await other.Anonymous.GetAsync("/.well-known/mimu")).Expect(200)["registration"]);
    }

    [Fact]
    public async Task Health_asks_for_no_token_and_minds_none()
    {
        foreach (var http in (Stage.Http[])[host.Anonymous, host.Anonymous.With("garbage")])
        {
            foreach (var path in (string[])["/healthz", "/readyz"])
            {
                Assert.Equal("""{"ready":true,"failing":[]}""", (await http.GetAsync(path)).Expect(200).ToJsonString());
            }
        }
    }

    [Fact]
    public async Task A_server_whose_database_is_gone_serves_and_is_not_ready()
    {
        await using var broken = await Host.Start();
        var alice = await broken.RegisterAsync("alice");
        var chat = await alice.CreateGroupAsync();
        await broken.CloseDatabaseAsync();
        Assert.Equal("""{"ready":true,"failing":[]}""", (await broken.Anonymous.GetAsync("/healthz")).Expect(200).ToJsonString());
        Assert.Equal("""{"ready":false,"failing":["database"]}""", (await broken.Anonymous.GetAsync("/readyz")).Expect(503).ToJsonString());
        foreach (var answer in (Answer[])[
            await alice.Http.GetAsync("/api/v1/sync"),
            await alice.TrySendAsync(chat, [1]),
            await broken.Anonymous.PostAsync("/auth/register", new Registration("somebody").Body)])
        {
            answer.ExpectProblem(503, "unavailable");
            Assert.Equal("1", answer.Header("Retry-After"));
            Assert.DoesNotContain("SQL", answer.Text, StringComparison.OrdinalIgnoreCase);
        }
    }
}

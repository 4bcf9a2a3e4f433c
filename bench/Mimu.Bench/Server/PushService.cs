using System.Security.Cryptography;
using Mimu.PushStandIns;

namespace Mimu.Bench.Server;

/// <summary>A push service of one platform on loopback, the settings that lead to it, and what is registered with it.</summary>
/// <param name="Name">The platform's word.</param>
/// <param name="StandIn">The service. It runs in this process, and so on the server's cores.</param>
/// <param name="Secret">What is in the file that the settings name; "" for none.</param>
/// <param name="Settings">The settings, with {0} for that file.</param>
internal sealed record PushService(string Name, PushStandIn StandIn, string Secret, string Settings) : IAsyncDisposable
{
    private string? _file;

    public static async Task<PushService> StartAsync(string name)
    {
        switch (name)
        {
            case "fcm":
                FcmStandIn google = await FcmStandIn.StartAsync();
                return new PushService(name, google, google.Account, $"[push.fcm]\ncredentials_file = \"{{0}}\"\nendpoint = \"{google.Endpoint}\"\n");
            case "apns":
                ApnsStandIn apple = await ApnsStandIn.StartAsync();
                return new PushService(name, apple, apple.Key,
                    $"[push.apns]\nkey_file = \"{{0}}\"\nkey_id = \"{ApnsStandIn.KeyId}\"\nteam_id = \"{ApnsStandIn.TeamId}\"\ntopic = \"{ApnsStandIn.Topic}\"\nendpoint = \"{apple.Endpoint}\"\n");
            default:
                return new PushService(name, await WebPushStandIn.StartAsync(), "", "[push.webpush]\nallow_private_endpoints = true\nsubject = \"mailto:bench@example.org\"\n");
        }
    }

    /// <summary>Writes the file, which goes with this.</summary>
    /// <param name="root">Where.</param>
    /// <returns>The settings.</returns>
    public async Task<string> WriteSettingsAsync(string root)
    {
        _file = Path.Combine(root, $"mimu-bench-{Path.GetRandomFileName()}");
        await File.WriteAllTextAsync(_file, Secret);
        return Settings.Replace("{0}", _file, StringComparison.Ordinal);
    }

    /// <summary>Something new, as a client registers it (section 11.1).</summary>
    public object NewRegistration()
    {
        if (StandIn is WebPushStandIn browsers)
        {
            StandInSubscription made = browsers.Subscribe();
            return new { platform = Name, subscription = new { endpoint = made.Endpoint, keys = new { p256dh = made.P256dh, auth = made.Auth } } };
        }

        return new { platform = Name, token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32)) };
    }

    public async ValueTask DisposeAsync()
    {
        await StandIn.DisposeAsync();
        if (_file is not null)
            File.Delete(_file);
    }
}

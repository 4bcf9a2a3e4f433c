using System.Text.RegularExpressions;
using Mimu.Appliance.Configuration;
using static Mimu.Appliance.Tests.Configuration.ConfigurationFolder;

namespace Mimu.Appliance.Tests.Configuration;

public sealed partial class ConfigurationTextTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_defaults_are_frozen()
    {
        using var reader = new StreamReader(typeof(ConfigurationTextTests).Assembly.GetManifestResourceStream("Configuration/defaults.toml")!);
        Assert.Equal(reader.ReadToEnd(), ConfigurationText.Show(new MimuOptions()));
    }

    [Fact]
    public void The_example_yields_the_defaults() =>
        Assert.Equal(ConfigurationText.Show(new MimuOptions()), ConfigurationText.Show(Options(ConfigurationText.Example())));

    [Fact]
    public void The_example_with_every_setting_in_force_still_yields_the_defaults() =>
        Assert.Equal(ConfigurationText.Show(new MimuOptions()), ConfigurationText.Show(Options(ExampleInForce())));

    [Fact]
    public void The_example_has_every_setting_once_in_the_order_of_the_catalogue()
    {
        var keys = new List<string>();
        var table = "";
        foreach (var line in ExampleInForce().Split('\n'))
        {
            if (line.StartsWith('['))
                table = line[1..^1];
            else if (RateLine().Match(line) is { Success: true } rate)
                keys.AddRange([$"{table}.{rate.Groups[1].Value}.burst", $"{table}.{rate.Groups[1].Value}.per_minute"]);
            else if (SettingLine().Match(line) is { Success: true } setting)
                keys.Add($"{table}.{setting.Groups[1].Value}");
        }
        Assert.Equal(Settings.All.Select(setting => setting.Key), keys);
    }

    [Fact]
    public void What_is_shown_can_be_read_again()
    {
        _folder.Write("pem", "x");
        _folder.Write("account.json", GoogleAccount());
        _folder.Write("apple.p8", AppleKey());
        _folder.Write("root.pem", RootCertificate());
        var everything = new List<string>();
        foreach (var setting in Settings.All)
        {
            // A secret and its file exclude each other.
            if (!Settings.All.OfType<SecretSetting>().Any(secret => secret.Twin == setting))
                everything.Add($"{setting.Key} = {Changed[setting.Key]}");
        }
        _folder.Write("mimu.toml", string.Join('\n', everything));
        var first = _folder.Read();
        Assert.Empty(Lines(first));

        var shown = ConfigurationText.Show(first.Options!);
        _folder.Write("mimu.toml", shown);
        var second = _folder.Read();
        Assert.Empty(Lines(second));
        Assert.Equal(shown, ConfigurationText.Show(second.Options!));
    }

    [Fact]
    public void A_change_of_any_setting_is_shown_and_changes_no_other()
    {
        _folder.Write("pem", "x");
        var defaults = ConfigurationText.Show(new MimuOptions()).Split('\n');
        foreach (var setting in Settings.All)
        {
            var options = new MimuOptions();
            var value = Assert.Contains(setting.Key, Changed);
            var raw = value switch
            {
                "true" or "false" => new RawValue.Boolean(value == "true"),
                ['[', .., ']'] => new RawValue.List([new RawValue.Text(value[2..^2])]),
                ['"', .., '"'] => new RawValue.Text(value.Trim('"')),
                _ => (RawValue)new RawValue.Integer(int.Parse(value, System.Globalization.CultureInfo.InvariantCulture)),
            };
            Assert.Null(setting.Read(options, raw));
            var shown = ConfigurationText.Show(options).Split('\n');
            var differing = Enumerable.Range(0, defaults.Length).Where(line => defaults[line] != shown[line]).Select(line => shown[line]).ToList();
            // A secret that has a file is shown as coming from it.
            Assert.Contains($"{setting.Name} = {(setting is SecretSetting ? "\"********\"" : value)}", differing);
            Assert.Equal(Settings.All.OfType<SecretSetting>().Any(secret => secret.Twin == setting) ? 2 : 1, differing.Count);
        }
    }

    [Fact]
    public void Secrets_are_masked()
    {
        var shown = ConfigurationText.Show(Options("calls.turn_secret = \"hunter2\"\nmedia.s3.secret_key = \"hunter2\"\nsubscriptions.google.notification_token = \"hunter2\""));
        Assert.DoesNotContain("hunter2", shown, StringComparison.Ordinal);
        Assert.Contains("\nturn_secret = \"********\"\n", shown, StringComparison.Ordinal);
        Assert.Contains("\nsecret_key = \"********\"\n", shown, StringComparison.Ordinal);
        Assert.Contains("\nnotification_token = \"********\"\n", shown, StringComparison.Ordinal);
        Assert.Contains("\nturn_secret = \"\"\n", ConfigurationText.Show(new MimuOptions()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_from_a_file_is_shown_by_its_file()
    {
        _folder.Write("turn", "hunter2");
        _folder.Write("mimu.toml", "calls.turn_secret_file = \"turn\"");
        var shown = ConfigurationText.Show(_folder.Read().Options!);
        Assert.Contains("\n# from the file: turn_secret = \"********\"\nturn_secret_file = \"turn\"\n", shown, StringComparison.Ordinal);
        _folder.Write("mimu.toml", shown);
        Assert.Equal("hunter2", _folder.Read().Options!.Calls.TurnSecret);
    }

    [Fact]
    public void Odd_texts_are_escaped()
    {
        const string Odd = "a\"b\\c é 日本 \U0001F600";
        var options = new MimuOptions();
        options.Auth.Issuer = Odd;
        Assert.Equal(Odd, Options(ConfigurationText.Show(options)).Auth.Issuer);
    }

    /// <summary>A value for every setting that is not its default, as it is shown.</summary>
    private static Dictionary<string, string> Changed { get; } = MakeChanged();

    private static Dictionary<string, string> MakeChanged()
    {
        var particular = new Dictionary<string, string>
        {
            ["server.listen"] = "[\"[::1]:81\"]",
            ["server.public_url"] = "\"https://chat.example.org\"",
            ["server.trusted_proxies"] = "[\"10.0.0.0/8\"]",
            ["server.cors_origins"] = "[\"https://web.example.org\"]",
            ["admin.listen"] = "\"127.0.0.1:9090\"",
            ["log.level"] = "\"trace\"",
            ["log.format"] = "\"json\"",
            ["database.synchronous"] = "\"normal\"",
            ["registration.mode"] = "\"invite\"",
            ["media.backend"] = "\"s3\"",
            ["calls.turn_uris"] = "[\"turns:turn.example.org\"]",
            ["push.fcm.credentials_file"] = "\"account.json\"",
            ["subscriptions.google.package_name"] = "\"org.example.chat\"",
            ["subscriptions.google.credentials_file"] = "\"account.json\"",
            ["push.apns.key_file"] = "\"apple.p8\"",
            ["push.webpush.subject"] = "\"mailto:a@example.org\"",
            ["subscriptions.mode"] = "\"stores\"",
            ["subscriptions.apple.root_certificate_file"] = "\"root.pem\"",
            ["realtime.heartbeat"] = "\"5s\"",
        };
        var changed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var setting in Settings.All)
        {
            changed[setting.Key] = particular.GetValueOrDefault(setting.Key) ?? setting switch
            {
                SecretSetting => "\"hunter2\"",
                Setting<string> when setting.Key.EndsWith("endpoint", StringComparison.Ordinal) => "\"https://other.example.org\"",
                Setting<string> when setting.Key.EndsWith("_file", StringComparison.Ordinal) => "\"pem\"",
                Setting<string> => "\"changed\"",
                Setting<string[]> => "[\"changed\"]",
                Setting<bool> => setting.Write(new MimuOptions()) == "true" ? "false" : "true",
                Setting<TimeSpan> or Setting<TimeSpan?> => "\"61s\"",
                Setting<long> => "\"3MiB\"",
                _ => "17",
            };
        }
        return changed;
    }

    private static string ExampleInForce() => SettingBehindHash().Replace(ConfigurationText.Example(), "");

    [GeneratedRegex("^#(?=[a-z0-9_]+ = )", RegexOptions.Multiline)]
    private static partial Regex SettingBehindHash();

    [GeneratedRegex("^([a-z0-9_]+) = ")]
    private static partial Regex SettingLine();

    [GeneratedRegex("^([a-z_]+) = \\{ burst = [0-9]+, per_minute = [0-9.]+ \\}")]
    private static partial Regex RateLine();
}

using Microsoft.Extensions.Logging;
using Mimu.Appliance.Configuration;
using static Mimu.Appliance.Tests.Configuration.ConfigurationFolder;

namespace Mimu.Appliance.Tests.Configuration;

/// <summary>What each kind of setting takes, and what it says to the rest.</summary>
public class KindTests
{
    [Fact]
    public void Every_kind_is_read_from_a_file()
    {
        var options = Options("""
            [server]
            listen = ["0.0.0.0:8080", "[::]:0", "localhost:81"]
            public_url = "https://chat.example.org"
            shutdown_grace = "1m"
            [log]
            level = "debug"
            format = "json"
            [messages]
            max_payload = 4096
            retention = "2d"
            [media]
            quota = "3TiB"
            retention = "forever"
            [realtime]
            max_sockets_per_session = 3
            [push.webpush]
            enabled = false
            [limits.rates]
            send = { burst = 7, per_minute = 0.5 }
            """);
        Assert.Equal(["0.0.0.0:8080", "[::]:0", "localhost:81"], options.Server.Listen);
        Assert.Equal("https://chat.example.org", options.Server.PublicUrl);
        Assert.Equal(TimeSpan.FromMinutes(1), options.Server.ShutdownGrace);
        Assert.Equal(LogLevel.Debug, options.Log.Level);
        Assert.Equal(LogFormat.Json, options.Log.Format);
        Assert.Equal(4096, options.Messages.MaxPayload);
        Assert.Equal(TimeSpan.FromDays(2), options.Messages.Retention);
        Assert.Equal(3L << 40, options.Media.Quota);
        Assert.Null(options.Media.Retention);
        Assert.Equal(3, options.Realtime.MaxSocketsPerSession);
        Assert.False(options.Push.WebPush.Enabled);
        Assert.Equal(new Rate(7, 0.5), options.Limits.Rates.Send);
    }

    [Theory]
    [InlineData("30s", 30)]
    [InlineData("15m", 15 * 60)]
    [InlineData("48h", 48 * 3600)]
    [InlineData("30d", 30 * 86400)]
    [InlineData("1s", 1)]
    public void Durations_have_four_units(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Options($"messages.edit_window = \"{text}\"").Messages.EditWindow);

    [Theory]
    [InlineData("4096", 4096)]
    [InlineData("\"4096\"", 4096)]
    [InlineData("\"64KiB\"", 64L << 10)]
    [InlineData("\"100MiB\"", 100L << 20)]
    [InlineData("\"5GiB\"", 5L << 30)]
    [InlineData("0x1000", 4096)]
    [InlineData("1_000", 1000)]
    public void Sizes_are_bytes_or_have_a_unit(string text, long bytes) =>
        Assert.Equal(bytes, Options($"media.quota = {text}").Media.Quota);

    [Theory]
    [InlineData("register = { burst = 9 }", 9, 0.084)]
    [InlineData("register = { per_minute = 2 }", 5, 2)]
    [InlineData("register.burst = 9", 9, 0.084)]
    [InlineData("register = {}", 5, 0.084)]
    [InlineData("[limits.rates.register]\nper_minute = 1.5", 5, 1.5)]
    public void A_rate_given_in_part_keeps_the_other_default(string toml, int burst, double perMinute) =>
        Assert.Equal(new Rate(burst, perMinute), Options($"[limits.rates]\n{toml}").Limits.Rates.Register);

    [Theory]
    // Durations
    [InlineData("auth.access_token_lifetime = \"15x\"", "auth.access_token_lifetime: \"15x\" is not a duration; expected a number with s, m, h or d, e.g. \"15m\"")]
    [InlineData("auth.access_token_lifetime = 15", "auth.access_token_lifetime: 15 is not a duration; expected a number with s, m, h or d, e.g. \"15m\"")]
    [InlineData("auth.access_token_lifetime = \"\"", "auth.access_token_lifetime: \"\" is not a duration; expected a number with s, m, h or d, e.g. \"15m\"")]
    [InlineData("auth.access_token_lifetime = \"m\"", "auth.access_token_lifetime: \"m\" is not a duration; expected a number with s, m, h or d, e.g. \"15m\"")]
    [InlineData("auth.access_token_lifetime = \"-1m\"", "auth.access_token_lifetime: \"-1m\" is not a duration; expected a number with s, m, h or d, e.g. \"15m\"")]
    [InlineData("auth.access_token_lifetime = \"0s\"", "auth.access_token_lifetime: \"0s\" is out of range; expected \"1s\" to \"30d\"")]
    [InlineData("push.ttl = \"29d\"", "push.ttl: \"29d\" is out of range; expected \"1s\" to \"28d\"")]
    [InlineData("events.retention = \"9223372036854775807d\"", "events.retention: \"9223372036854775807d\" is out of range; expected \"1s\" to \"36500d\"")]
    [InlineData("events.retention = \"forever\"", "events.retention: \"forever\" is not a duration; expected a number with s, m, h or d, e.g. \"15m\"")]
    [InlineData("media.retention = \"always\"", "media.retention: \"always\" is not a duration; expected a number with s, m, h or d, e.g. \"15m\", or \"forever\"")]
    // Sizes
    [InlineData("media.quota = \"5GB\"", "media.quota: \"5GB\" is not a size; expected bytes, or a number with KiB, MiB, GiB or TiB, e.g. \"64KiB\"")]
    [InlineData("media.quota = \"1.5GiB\"", "media.quota: \"1.5GiB\" is not a size; expected bytes, or a number with KiB, MiB, GiB or TiB, e.g. \"64KiB\"")]
    [InlineData("media.quota = -1", "media.quota: -1 is out of range; expected 0 to \"1048576TiB\"")]
    [InlineData("media.quota = \"9999999999999GiB\"", "media.quota: \"9999999999999GiB\" is out of range; expected 0 to \"1048576TiB\"")]
    [InlineData("media.quota = true", "media.quota: true is not a size; expected bytes, or a number with KiB, MiB, GiB or TiB, e.g. \"64KiB\"")]
    [InlineData("realtime.send_queue = 10", "realtime.send_queue: 10 is out of range; expected \"1KiB\" to \"1GiB\"")]
    // Whole numbers
    [InlineData("auth.password_min_length = 7", "auth.password_min_length: 7 is out of range; expected 8 to 256")]
    [InlineData("auth.password_min_length = 257", "auth.password_min_length: 257 is out of range; expected 8 to 256")]
    [InlineData("auth.password_min_length = 9223372036854775807", "auth.password_min_length: 9223372036854775807 is out of range; expected 8 to 256")]
    [InlineData("auth.password_min_length = \"12\"", "auth.password_min_length: \"12\" is not a whole number; expected 8 to 256, without quotes")]
    [InlineData("auth.password_min_length = 12.5", "auth.password_min_length: 12.5 is not a whole number; expected 8 to 256, without quotes")]
    // Rates
    [InlineData("limits.rates.send.burst = 0", "limits.rates.send.burst: 0 is out of range; expected 1 to 1000000")]
    [InlineData("limits.rates.send.per_minute = 0", "limits.rates.send.per_minute: 0 is out of range; expected more than 0 and at most 1000000")]
    [InlineData("limits.rates.send.per_minute = nan", "limits.rates.send.per_minute: NaN is out of range; expected more than 0 and at most 1000000")]
    [InlineData("limits.rates.send.per_minute = inf", "limits.rates.send.per_minute: Infinity is out of range; expected more than 0 and at most 1000000")]
    [InlineData("limits.rates.send = { per_minute = \"6\" }", "limits.rates.send.per_minute: \"6\" is not a number; expected more than 0 and at most 1000000, without quotes")]
    [InlineData("limits.rates.send = 5", "limits.rates.send: is a table, not a setting; expected its settings, e.g. limits.rates.send.burst")]
    // Choices
    [InlineData("registration.mode = \"opn\"", "registration.mode: \"opn\" is not a choice; expected \"open\", \"invite\" or \"closed\"")]
    [InlineData("registration.mode = \"Open\"", "registration.mode: \"Open\" is not a choice; expected \"open\", \"invite\" or \"closed\"")]
    [InlineData("database.synchronous = true", "database.synchronous: true is not a choice; expected \"full\" or \"normal\"")]
    [InlineData("log.level = \"verbose\"", "log.level: \"verbose\" is not a choice; expected \"trace\", \"debug\", \"info\", \"warning\" or \"error\"")]
    // Booleans
    [InlineData("push.webpush.enabled = \"true\"", "push.webpush.enabled: \"true\" is not a boolean; expected true or false")]
    [InlineData("push.webpush.enabled = 1", "push.webpush.enabled: 1 is not a boolean; expected true or false")]
    // Texts
    [InlineData("auth.issuer = 5", "auth.issuer: 5 is not a text; expected a text in quotes")]
    [InlineData("auth.issuer = 2026-11-22", "auth.issuer: a date is not a text; expected a text in quotes")]
    [InlineData("auth.issuer = \"\"", "auth.issuer: \"\" is empty; expected a text")]
    [InlineData("auth.issuer = \"a\\nb\"", "auth.issuer: \"a\\u000Ab\" has a control character; expected text on one line")]
    [InlineData("auth.issuer = { a = 1 }", "auth.issuer: a table is not a text; expected a text in quotes")]
    [InlineData("calls.turn_secret = 12345", "calls.turn_secret: expected a text in quotes, not a number")]
    // Lists
    [InlineData("server.listen = \"127.0.0.1:8080\"", "server.listen: \"127.0.0.1:8080\" is not a list; expected e.g. [\"127.0.0.1:8080\"]")]
    [InlineData("server.listen = []", "server.listen: the list is empty; expected at least one, e.g. [\"127.0.0.1:8080\"]")]
    [InlineData("server.listen = [8080]", "server.listen: 8080 in the list is not a text; expected texts in quotes, e.g. [\"127.0.0.1:8080\"]")]
    [InlineData("subscriptions.apple.product_ids = [\"\"]", "subscriptions.apple.product_ids: \"\" in the list is empty; expected e.g. \"premium.monthly\"")]
    public void A_bad_value_is_told_with_what_was_expected(string toml, string fault) => Assert.Equal([$"mimu.toml:1: {fault}"], Faults(toml));

    [Fact]
    public void A_long_value_is_cut_in_the_fault()
    {
        var fault = Assert.Single(Faults($"registration.mode = \"{new string('x', 5000)}\""));
        Assert.Contains("xxx…\" is not a choice", fault, StringComparison.Ordinal);
        Assert.True(fault.Length < 250, fault);
    }
}

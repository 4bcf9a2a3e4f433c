using Microsoft.Extensions.Logging;
using Mimu.Appliance.Configuration;
using static Mimu.Appliance.Tests.Configuration.ConfigurationFolder;

namespace Mimu.Appliance.Tests.Configuration;

public class EnvironmentTests
{
    [Fact]
    public void The_environment_overrides_the_file()
    {
        var options = Options(
            "[server]\nlisten = [\"127.0.0.1:1\"]\nshutdown_grace = \"1s\"\n[limits.rates]\nsend = { burst = 1, per_minute = 2 }",
            ("MIMU_SERVER__LISTEN", "0.0.0.0:80, [::]:80"),
            ("MIMU_SERVER__TRUSTED_PROXIES", ""),
            ("MIMU_LOG__LEVEL", "error"),
            ("MIMU_MESSAGES__RETENTION", "7d"),
            ("MIMU_MEDIA__MAX_FILE", "10MiB"),
            ("MIMU_MEDIA__QUOTA", "1000"),
            ("MIMU_CHATS__MAX_PARTICIPANTS", "50"),
            ("MIMU_PUSH__WEBPUSH__ENABLED", "false"),
            ("MIMU_LIMITS__RATES__SEND__BURST", "9"),
            ("MIMU_LIMITS__RATES__REGISTER__PER_MINUTE", "0.25"));
        Assert.Equal(["0.0.0.0:80", "[::]:80"], options.Server.Listen);
        Assert.Equal(TimeSpan.FromSeconds(1), options.Server.ShutdownGrace);
        Assert.Empty(options.Server.TrustedProxies);
        Assert.Equal(LogLevel.Error, options.Log.Level);
        Assert.Equal(TimeSpan.FromDays(7), options.Messages.Retention);
        Assert.Equal(10L << 20, options.Media.MaxFile);
        Assert.Equal(1000, options.Media.Quota);
        Assert.Equal(50, options.Chats.MaxParticipants);
        Assert.False(options.Push.WebPush.Enabled);
        Assert.Equal(new Rate(9, 2), options.Limits.Rates.Send);
        Assert.Equal(new Rate(5, 0.25), options.Limits.Rates.Register);
    }

    [Fact]
    public void Every_setting_has_a_variable_and_takes_its_own_default_from_it()
    {
        foreach (var setting in Settings.All)
        {
            Assert.Equal($"MIMU_{setting.Key.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant()}", setting.Variable);
            var value = setting.Write(new MimuOptions()).Replace("[\"", "", StringComparison.Ordinal).Replace("\"]", "", StringComparison.Ordinal).Trim('"', '[', ']');
            Assert.Equal(setting.Write(new MimuOptions()), setting.Write(Options("", (setting.Variable, value))));
        }
    }

    [Theory]
    [InlineData("MIMU_SERVER__LISTEN", "8080", "\"8080\" is not an address to listen on; expected host:port, e.g. \"127.0.0.1:8080\" or \"[::1]:8080\"")]
    [InlineData("MIMU_SERVER__LISTEN", "", "the list is empty; expected at least one, e.g. [\"127.0.0.1:8080\"]")]
    [InlineData("MIMU_AUTH__PASSWORD_MIN_LENGTH", "many", "\"many\" is not a whole number; expected 8 to 256, without quotes")]
    [InlineData("MIMU_AUTH__ACCESS_TOKEN_LIFETIME", "15", "\"15\" is not a duration; expected a number with s, m, h or d, e.g. \"15m\"")]
    [InlineData("MIMU_MEDIA__QUOTA", "5GB", "\"5GB\" is not a size; expected bytes, or a number with KiB, MiB, GiB or TiB, e.g. \"64KiB\"")]
    [InlineData("MIMU_PUSH__WEBPUSH__ENABLED", "yes", "\"yes\" is not a boolean; expected true or false")]
    [InlineData("MIMU_LIMITS__RATES__SEND__PER_MINUTE", "1e9", "\"1e9\" is out of range; expected more than 0 and at most 1000000")]
    [InlineData("MIMU_SERVER__LISSTEN", "", "unknown setting; did you mean MIMU_SERVER__LISTEN?")]
    [InlineData("MIMU_SERVER_LISTEN", "", "unknown setting; did you mean MIMU_SERVER__LISTEN?")]
    [InlineData("MIMU_LIMITS__RATES__SEND", "", "is a table, not a setting; expected a variable for each of its settings, MIMU_LIMITS__RATES__SEND__…")]
    [InlineData("MIMU_PORT", "8080", "unknown setting; the nearest known one is MIMU_PUSH__TTL")]
    [InlineData("MIMU_", "", "unknown setting; the nearest known one is MIMU_PUSH__TTL")]
    public void A_bad_variable_is_told_by_its_name(string variable, string value, string fault) =>
        Assert.Equal([$"{variable}: {fault}"], Faults("", (variable, value)));

    [Fact]
    public void Other_variables_are_left_alone()
    {
        Assert.Empty(Faults("", ("PATH", "/bin"), ("MIMUX", "1"), ("mimu_server__listen", "x")));
        Assert.Empty(Faults("",
            ("MIMU_SERVICE_HOST", "10.0.0.1"), ("MIMU_SERVICE_PORT", "80"), ("MIMU_SERVICE_PORT_HTTP", "80"), ("MIMU_PORT", "tcp://10.0.0.1:80"),
            ("MIMU_PORT_80_TCP", "tcp://10.0.0.1:80"), ("MIMU_PORT_80_TCP_ADDR", "10.0.0.1"), ("MIMU_DB_SERVICE_HOST", "10.0.0.2")));
    }

    [Theory]
    [InlineData("/var/lib/mimu", "/var/lib/mimu")]
    [InlineData("/var/lib/mimu:/var/lib/other", "/var/lib/mimu")]
    [InlineData("", "./mimu-data")]
    public void Systemd_names_the_data_directory(string directories, string expected) =>
        Assert.Equal(expected, Options("", ("STATE_DIRECTORY", directories)).Server.DataDir);

    [Fact]
    public void A_data_directory_that_is_set_goes_before_systemds() =>
        Assert.Equal("/srv/mimu", Options("server.data_dir = \"/srv/mimu\"", ("STATE_DIRECTORY", "/var/lib/mimu")).Server.DataDir);
}

using static Mimu.Appliance.Tests.Configuration.ConfigurationFolder;

namespace Mimu.Appliance.Tests.Configuration;

/// <summary>Unknown names, repetitions and broken TOML.</summary>
public class TomlFaultTests
{
    [Theory]
    [InlineData("server.lissten = []", "server.lissten: unknown setting; did you mean server.listen?")]
    [InlineData("[server]\nlissten = []", "server.lissten: unknown setting; did you mean server.listen?")]
    [InlineData("[server]\nlisetn = []", "server.lisetn: unknown setting; did you mean server.listen?")]
    [InlineData("listen = []", "listen: unknown setting; did you mean server.listen?")]
    [InlineData("[server]\nlevel = \"info\"", "server.level: unknown setting; did you mean log.level?")]
    [InlineData("[server]\nqqqqqqqq = 1", "server.qqqqqqqq: unknown setting; the nearest known one is server.listen")]
    [InlineData("[sever]\nlisten = []\npublic_url = 5", "sever: unknown table; did you mean [server]?")]
    [InlineData("[limits.rate]\nsend = { burst = 5 }", "limits.rate: unknown table; did you mean [limits.rates]?")]
    [InlineData("[limits.rates]\nsendd = { burst = 5, per_minute = 5 }", "limits.rates.sendd: unknown setting; did you mean limits.rates.send?")]
    [InlineData("[limits.rates]\nsend = { brust = 5 }", "limits.rates.send.brust: unknown setting; did you mean limits.rates.send.burst?")]
    [InlineData("\"server.listen\" = []", "\"server.listen\": unknown setting; did you mean server.listen?")]
    public void Unknown_key_names_the_nearest_one(string toml, string fault) => Assert.Equal(fault, WithoutPlace(Assert.Single(Faults(toml))));

    [Theory]
    [InlineData("server = 5", "server: is a table, not a setting; expected its settings, e.g. server.listen")]
    [InlineData("[server.listen]\na = 1", "server.listen: is a setting, not a table; expected listen = … under [server]")]
    [InlineData("[[server]]\nlisten = 5", "server: is one table, not a list of tables; expected [server]")]
    public void A_table_and_a_setting_are_told_apart(string toml, string fault) => Assert.Equal(fault, WithoutPlace(Assert.Single(Faults(toml))));

    [Fact]
    public void All_faults_come_at_once_in_the_order_of_lines()
    {
        var faults = Faults("""
            [server]
            public_url = 5
            lissten = ["127.0.0.1:80"]
            shutdown_grace = "10 seconds"

            [auth]
            access_token_lifetime = "15x"
            issuer = mimu
            password_min_length = 3
            [nowhere]
            a = 1
            [realtime]
            heartbeat = "60s"
            idle_timeout = "60s"
            [server]
            trusted_proxies = ["10.0.0.0/99"]
            """, ("MIMU_LOG__LEVEL", "loud"), ("MIMU_CHATS__MAX", "5"));
        Assert.Equal(
        [
            "mimu.toml:2: server.public_url: 5 is not a text; expected a text in quotes",
            "mimu.toml:3: server.lissten: unknown setting; did you mean server.listen?",
            "mimu.toml:4: server.shutdown_grace: \"10 seconds\" is not a duration; expected a number with s, m, h or d, e.g. \"15m\"",
            "mimu.toml:7: auth.access_token_lifetime: \"15x\" is not a duration; expected a number with s, m, h or d, e.g. \"15m\"",
            "mimu.toml:8: auth.issuer: not a value in TOML; texts, sizes and durations stand in quotes, e.g. \"15m\"",
            "mimu.toml:9: auth.password_min_length: 3 is out of range; expected 8 to 256",
            "mimu.toml:10: nowhere: unknown table; the nearest known one is [server]",
            "mimu.toml:14: realtime.idle_timeout: is not longer than realtime.heartbeat (60s); a socket needs time to answer a ping",
            "mimu.toml:15: server: given again; it stands in line 1 already",
            "mimu.toml:16: server.trusted_proxies: \"10.0.0.0/99\" is not an address or CIDR range; expected e.g. \"10.0.0.1\", \"10.0.0.0/8\" or \"fd00::/8\"",
            "MIMU_CHATS__MAX: unknown setting; did you mean MIMU_CHATS__MAX_PARTICIPANTS?",
            "MIMU_LOG__LEVEL: \"loud\" is not a choice; expected \"trace\", \"debug\", \"info\", \"warning\" or \"error\"",
        ], faults);
    }

    [Theory]
    [InlineData("[server]\nlisten = [\"a:1\"]\nlisten = [\"b:2\"]", "mimu.toml:3: server.listen: given again; it stands in line 2 already")]
    [InlineData("server.listen = [\"a:1\"]\n[server]\nlisten = [\"b:2\"]", "mimu.toml:2: defines again what stands further up; expected each table and key once", "mimu.toml:3: server.listen: given again; it stands in line 1 already")]
    [InlineData("[log]\nlevel = \"info\"\n[log]\nformat = \"text\"", "mimu.toml:3: log: given again; it stands in line 1 already")]
    [InlineData("[limits.rates]\nsend = { burst = 1, burst = 2 }", "mimu.toml:2: limits.rates.send.burst: given again; it stands in line 2 already")]
    [InlineData("[limits.rates]\nsend = { burst = 1 }\n[limits.rates.send]\nper_minute = 2", "mimu.toml:3: defines again what stands further up; expected each table and key once")]
    public void What_is_given_twice_is_told_with_both_lines(string toml, params string[] faults) => Assert.Equal(faults, Faults(toml));

    [Theory]
    [InlineData("shutdown_grace = 30s", "server.shutdown_grace: not a value in TOML; texts, sizes and durations stand in quotes, e.g. \"15m\"")]
    [InlineData("shutdown_grace =", "server.shutdown_grace: has no value; expected key = value")]
    [InlineData("shutdown_grace = # later", "server.shutdown_grace: has no value; expected key = value")]
    [InlineData("shutdown_grace", "not TOML; expected key = value")]
    [InlineData("shutdown_grace: \"30s\"", "not TOML; expected key = value")]
    [InlineData("shutdown_grace = \"30s", "server.shutdown_grace: not a text in TOML; expected it on one line, in one pair of quotes, with \\\\ for each backslash")]
    [InlineData("data_dir = \"C:\\mimu\"", "server.data_dir: not a text in TOML; expected it on one line, in one pair of quotes, with \\\\ for each backslash")]
    [InlineData("listen = [\"a:1\" \"b:2\"]", "server.listen: not a list in TOML; expected e.g. [\"first\", \"second\"]")]
    [InlineData("listen = [\n  \"a:1\"\n  \"b:2\"\n]", "server.listen: not a list in TOML; expected e.g. [\"first\", \"second\"]")]
    [InlineData("listen = [\"a:1\"", "server.listen: not a list in TOML; expected e.g. [\"first\", \"second\"]")]
    public void Broken_toml_is_told_once_and_hides_nothing(string line, string fault)
    {
        var toml = $"[server]\n{line}\npublic_url = 5\n[log]\nlevel = 6\n";
        var after = line.Count(c => c == '\n');
        Assert.Equal(
        [
            $"mimu.toml:2: {fault}",
            $"mimu.toml:{3 + after}: server.public_url: 5 is not a text; expected a text in quotes",
            $"mimu.toml:{5 + after}: log.level: 6 is not a choice; expected \"trace\", \"debug\", \"info\", \"warning\" or \"error\"",
        ], Faults(toml));
    }

    [Theory]
    [InlineData("[log]\nlevel = \"info\"\n[server]\nlisten = [\"127.0.0.1:80\"", "mimu.toml:4: server.listen: not a list in TOML; expected e.g. [\"first\", \"second\"]")]
    [InlineData("[server]\nlisten = [[[", "mimu.toml:2: server.listen: not a list in TOML; expected e.g. [\"first\", \"second\"]")]
    [InlineData("[limits.rates]\nsend = { burst = 5", "mimu.toml:2: limits.rates.send: not a table in TOML; expected e.g. { burst = 5, per_minute = 10 }")]
    [InlineData("[server]\npublic_url = \"https://a", "mimu.toml:2: server.public_url: not a text in TOML; expected it on one line, in one pair of quotes, with \\\\ for each backslash")]
    [InlineData("[server]\npublic_url = \"\\", "mimu.toml:2: server.public_url: not a text in TOML; expected it on one line, in one pair of quotes, with \\\\ for each backslash")]
    [InlineData("[server", "mimu.toml:1: not the name of a table; expected e.g. [server]")]
    [InlineData("[]", "mimu.toml:1: not the name of a table; expected e.g. [server]")]
    public void A_file_that_is_cut_off_is_told_at_its_last_statement(string toml, string fault) => Assert.Equal([fault], Faults(toml));

    [Fact]
    public void Settings_under_a_broken_table_are_not_taken_for_those_of_another()
    {
        Assert.Equal(
            ["mimu.toml:3: not the name of a table; expected e.g. [server]", "mimu.toml:4: server.public_url: 5 is not a text; expected a text in quotes"],
            Faults("[log]\nlevel = \"info\"\n[server\npublic_url = 5\n"));
        Assert.Equal(["mimu.toml:1: not the name of a table; expected e.g. [server]"], Faults("[ser ver]\npublic_url = 5\nx = 7\n"));
    }

    [Theory]
    [InlineData("turn_secret = hunter2")]
    [InlineData("turn_secret: \"hunter2=\"")]
    [InlineData("turn_secret = \"hunter2")]
    [InlineData("turn_secret = 'hunter2\\' '")]
    [InlineData("turn_secret = \"hunter2\"\nturn_secret = \"hunter2\"")]
    [InlineData("turn_secret = [\"hunter2\"]")]
    [InlineData("turn_secret = { hunter2 = \"hunter2\" }")]
    [InlineData("turn_secret = \"hunter2\"\nturn_secret_file = \"/nowhere\"")]
    public void A_fault_never_shows_a_secret(string lines)
    {
        var faults = Faults($"[calls]\n{lines}\n");
        Assert.NotEmpty(faults);
        Assert.All(faults, fault => Assert.DoesNotContain("hunter2", fault, StringComparison.Ordinal));
    }

    [Fact]
    public void A_long_key_is_cut_in_the_fault() => Assert.True(Assert.Single(Faults($"{new string('k', 5000)} = 1")).Length < 200);

    private static string WithoutPlace(string fault)
    {
        Assert.Matches("^mimu\\.toml:[12]: ", fault);
        return fault[(fault.IndexOf(": ", StringComparison.Ordinal) + 2)..];
    }
}

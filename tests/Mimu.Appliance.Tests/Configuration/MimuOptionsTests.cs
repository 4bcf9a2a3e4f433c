using static Mimu.Appliance.Tests.Configuration.ConfigurationFolder;

namespace Mimu.Appliance.Tests.Configuration;

/// <summary>What follows from several settings.</summary>
public sealed class MimuOptionsTests
{
    [Fact]
    public void Paths_that_are_not_given_are_in_the_data_directory()
    {
        var options = Options("server.data_dir = \"/srv/mimu\"");
        Assert.Equal("/srv/mimu/mimu.db", options.DatabasePath);
        Assert.Equal("/srv/mimu/blobs", options.MediaPath);
        Assert.Equal("/srv/mimu/mimu.sock", options.AdminSocketPath);
    }

    [Fact]
    public void Paths_that_are_given_are_taken_as_they_are()
    {
        var options = Options("database.path = \"/a/x.db\"\nmedia.path = \"b\"\nadmin.socket = \"/run/mimu.sock\"");
        Assert.Equal("/a/x.db", options.DatabasePath);
        Assert.Equal("b", options.MediaPath);
        Assert.Equal("/run/mimu.sock", options.AdminSocketPath);
    }

    [Theory]
    [InlineData("", "http://127.0.0.1:8080")]
    [InlineData("server.public_url = \"https://chat.example.org/\"", "https://chat.example.org")]
    [InlineData("server.listen = [\"0.0.0.0:81\", \"127.0.0.1:82\"]", "http://localhost:81")]
    [InlineData("server.listen = [\"[::]:81\"]", "http://localhost:81")]
    [InlineData("server.listen = [\"[::1]:81\"]", "http://[::1]:81")]
    [InlineData("server.listen = [\"chat.local:81\"]", "http://chat.local:81")]
    public void The_public_url_is_given_or_made_from_the_first_listen_address(string toml, string url) => Assert.Equal(url, Options(toml).PublicUrl);

    [Fact]
    public void The_public_url_has_the_port_that_was_bound()
    {
        Assert.Equal("http://127.0.0.1:4711", Options("server.listen = [\"127.0.0.1:0\"]").PublicUrlOn(4711));
        Assert.Equal("https://chat.example.org", Options("server.public_url = \"https://chat.example.org\"").PublicUrlOn(4711));
    }

    [Fact]
    public void The_public_url_is_https_where_the_server_speaks_tls()
    {
        using var folder = new ConfigurationFolder();
        var pem = folder.Write("pem", "x");
        Assert.Equal("https://127.0.0.1:8080", Options($"[server.tls]\ncertificate_file = \"{pem}\"\nkey_file = \"{pem}\"").PublicUrl);
    }
}

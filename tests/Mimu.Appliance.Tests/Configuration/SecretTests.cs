using static Mimu.Appliance.Tests.Configuration.ConfigurationFolder;

namespace Mimu.Appliance.Tests.Configuration;

public sealed class SecretTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("s3cret", "s3cret")]
    [InlineData("s3cret\n", "s3cret")]
    [InlineData("s3cret\r\n", "s3cret")]
    [InlineData("s3cret\n\n", "s3cret\n")]
    [InlineData(" s3cret ", " s3cret ")]
    public void A_secret_is_read_from_its_file_without_the_last_newline(string content, string secret)
    {
        _folder.Write("turn", content);
        _folder.Write("mimu.toml", $"calls.turn_secret_file = \"{_folder.PathOf("turn")}\"");
        Assert.Equal(secret, _folder.Read().Options!.Calls.TurnSecret);
    }

    [Fact]
    public void The_path_may_be_relative_and_come_from_the_environment()
    {
        _folder.Write("secrets/turn", "s3cret\n");
        _folder.Environment["MIMU_CALLS__TURN_SECRET_FILE"] = "secrets/turn";
        var options = _folder.Read().Options!;
        Assert.Equal("s3cret", options.Calls.TurnSecret);
        Assert.Equal("secrets/turn", options.Calls.TurnSecretFile);
    }

    [Fact]
    public void A_secret_given_in_both_ways_is_a_fault()
    {
        _folder.Write("turn", "s3cret");
        _folder.Write("mimu.toml", "[calls]\nturn_secret = \"a\"\nturn_secret_file = \"turn\"");
        Assert.Equal(["mimu.toml:3: calls.turn_secret_file: given beside calls.turn_secret; expected one of the two"], Lines(_folder.Read()));

        _folder.Write("mimu.toml", "");
        _folder.Environment["MIMU_CALLS__TURN_SECRET"] = "a";
        _folder.Environment["MIMU_CALLS__TURN_SECRET_FILE"] = "turn";
        Assert.Equal(["MIMU_CALLS__TURN_SECRET_FILE: given beside calls.turn_secret; expected one of the two"], Lines(_folder.Read()));
    }

    [Fact]
    public void The_environment_overrides_either_way_of_the_file()
    {
        _folder.Write("turn", "from-file");
        _folder.Write("mimu.toml", "calls.turn_secret = \"a\"");
        _folder.Environment["MIMU_CALLS__TURN_SECRET_FILE"] = "turn";
        Assert.Equal("from-file", _folder.Read().Options!.Calls.TurnSecret);

        _folder.Write("mimu.toml", "calls.turn_secret_file = \"turn\"");
        _folder.Environment.Clear();
        _folder.Environment["MIMU_CALLS__TURN_SECRET"] = "b";
        Assert.Equal("b", _folder.Read().Options!.Calls.TurnSecret);
    }

    [Fact]
    public void An_unreadable_secret_names_its_path_and_why()
    {
        Directory.CreateDirectory(_folder.PathOf("directory"));
        _folder.Write("empty", "\n");
        _folder.Write("binary", [0xff, 0xfe]);
        _folder.Write("large", new byte[100_000]);
        File.CreateSymbolicLink(_folder.PathOf("link"), _folder.PathOf("nowhere"));
        var far = $"/nowhere/{new string('a', 200)}";
        Assert.Equal($"\"{far}\" cannot be used: no such file", Fault(far));
        Assert.Equal("\"missing\" cannot be used: no such file", Fault("missing"));
        Assert.Equal("\"directory\" cannot be used: a directory, not a file", Fault("directory"));
        Assert.Equal("\"empty\" cannot be used: empty", Fault("empty"));
        Assert.Equal("\"binary\" cannot be used: not text in UTF-8", Fault("binary"));
        Assert.Equal("\"large\" cannot be used: larger than 64 KiB, which is more than it can need", Fault("large"));
        Assert.Equal("\"link\" cannot be used: a symbolic link to nothing", Fault("link"));
        Assert.Equal("\"/dev/zero\" cannot be used: larger than 64 KiB, which is more than it can need", Fault("/dev/zero"));
    }

    [Theory]
    [InlineData("media.s3.secret_key")]
    [InlineData("subscriptions.google.notification_token")]
    public void Every_secret_has_a_file_beside_it(string key)
    {
        _folder.Write("secret", "s3cret");
        _folder.Write("mimu.toml", $"{key}_file = \"secret\"");
        var options = _folder.Read().Options!;
        Assert.Equal("s3cret", options.Media.S3.SecretKey + options.Subscriptions.Google.NotificationToken);
    }

    private string Fault(string path)
    {
        const string Place = "mimu.toml:1: calls.turn_secret_file: ";
        _folder.Write("mimu.toml", $"calls.turn_secret_file = \"{path}\"");
        var fault = Assert.Single(Lines(_folder.Read()));
        Assert.StartsWith(Place, fault, StringComparison.Ordinal);
        return fault[Place.Length..];
    }
}

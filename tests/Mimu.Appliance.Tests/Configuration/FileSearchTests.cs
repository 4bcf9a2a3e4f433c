using Mimu.Appliance.Configuration;
using static Mimu.Appliance.Tests.Configuration.ConfigurationFolder;

namespace Mimu.Appliance.Tests.Configuration;

public sealed class FileSearchTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_file_that_there_is_is_read()
    {
        var result = _folder.Read();
        Assert.Equal("mimu", result.Options!.Auth.Issuer);
        Assert.Null(result.Source);

        AssertRead(_folder.Write("etc/mimu.toml", "auth.issuer = \"system\""), "system", null);
        AssertRead(_folder.Write("mimu.toml", "auth.issuer = \"local\""), "local", null);
        _folder.Environment["MIMU_CONFIG"] = _folder.Write("environment.toml", "auth.issuer = \"environment\"");
        AssertRead(_folder.PathOf("environment.toml"), "environment", null);
        AssertRead(_folder.Write("explicit.toml", "auth.issuer = \"explicit\""), "explicit", "explicit.toml");
        _folder.Environment["MIMU_CONFIG"] = "";
        AssertRead(_folder.PathOf("mimu.toml"), "local", null);
    }

    [Fact]
    public void The_system_file_is_where_packages_put_it() => Assert.Equal("/etc/mimu/mimu.toml", ConfigurationReader.SystemFile);

    [Fact]
    public void A_fault_names_the_file_as_it_was_named()
    {
        var path = _folder.Write("x/explicit.toml", "a = 1");
        Assert.StartsWith($"{path}:1: a: ", Assert.Single(Lines(_folder.Read(path))), StringComparison.Ordinal);
        Assert.StartsWith("x/explicit.toml:1: a: ", Assert.Single(Lines(_folder.Read("x/explicit.toml"))), StringComparison.Ordinal);
        _folder.Write("etc/mimu.toml", "a = 1");
        Assert.StartsWith($"{_folder.SystemFile}:1: a: ", Assert.Single(Lines(_folder.Read())), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_named_must_be_there()
    {
        _folder.Write("mimu.toml", "");
        Assert.Equal(["nowhere.toml: no such file; the command line names it"], Lines(_folder.Read("nowhere.toml")));
        Assert.Equal(["\"\": no such file; the command line names it"], Lines(_folder.Read("")));
        Assert.Single(Lines(_folder.Read("a\0b")));
        Assert.Single(Lines(_folder.Read(new string('a', 10_000))));
        _folder.Environment["MIMU_CONFIG"] = "/nowhere/mimu.toml";
        Assert.Equal(["/nowhere/mimu.toml: no such file; MIMU_CONFIG names it"], Lines(_folder.Read()));
    }

    [Fact]
    public void A_file_that_is_there_but_unreadable_is_not_passed_over()
    {
        _folder.Write("etc/mimu.toml", "");
        File.CreateSymbolicLink(_folder.PathOf("mimu.toml"), _folder.PathOf("nowhere"));
        Assert.Equal(["mimu.toml: cannot be read: a symbolic link to nothing"], Lines(_folder.Read()));
        File.Delete(_folder.PathOf("mimu.toml"));
        Directory.CreateDirectory(_folder.PathOf("mimu.toml"));
        Assert.Equal(["mimu.toml: cannot be read: a directory, not a file"], Lines(_folder.Read()));
    }

    [Fact]
    public void The_environment_is_looked_at_even_if_the_file_is_missing()
    {
        _folder.Environment["MIMU_LOG__LEVEL"] = "loud";
        Assert.Equal(2, Lines(_folder.Read("nowhere.toml")).Length);
    }

    private void AssertRead(string path, string issuer, string? explicitPath)
    {
        var result = _folder.Read(explicitPath);
        Assert.Empty(Lines(result));
        Assert.Equal(issuer, result.Options!.Auth.Issuer);
        Assert.Equal(path, result.Source);
    }
}

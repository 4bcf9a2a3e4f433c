using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Server;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Architecture;

/// <summary>What stands in two places and must be the same.</summary>
public partial class ReleaseTests
{
    private static string Version => (string)XDocument.Load(Repository.PathOf("Directory.Build.props")).Descendants("Version").Single();

    [Fact]
    public void The_version_is_the_newest_of_the_changelog() =>
        Assert.Equal(Version, Heading().Match(Repository.Read("CHANGELOG.md")).Groups[1].Value);

    [Fact]
    public void Every_part_and_the_server_s_description_have_the_version()
    {
        Assert.Equal(Version, ServerDescription.Version);
        foreach (var assembly in (Assembly[])[typeof(Core.Ids).Assembly, typeof(Embedded.EmbeddedBackend).Assembly, typeof(Settings).Assembly])
        {
            Assert.Equal(Version, assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion);
        }
    }

    [Fact]
    public void No_project_has_a_version_of_its_own() => Assert.Empty(
        Directory.EnumerateFiles(Repository.Root, "*.csproj", SearchOption.AllDirectories)
            .Where(path => XDocument.Load(path).Descendants().Any(element => element.Name.LocalName is "Version" or "VersionPrefix" or "AssemblyVersion" or "FileVersion" or "PackageVersion"))
            .Select(Repository.NameOf));

    [Fact]
    public void The_example_is_what_the_program_prints() => Assert.Equal(Repository.Read("mimu.toml.example"), ConfigurationText.Example());

    [Fact]
    public void The_solution_has_every_project()
    {
        var solution = Repository.Read("Mimu.sln");
        foreach (var folder in (string[])["src", "tests", "bench"])
        {
            Assert.All(Directory.EnumerateFiles(Repository.PathOf(folder), "*.csproj", SearchOption.AllDirectories), path =>
                Assert.Contains(Repository.NameOf(path).Replace('/', '\\'), solution, StringComparison.Ordinal));
        }
    }

    [GeneratedRegex(@"^## \[([^\]]+)\]", RegexOptions.Multiline)]
    private static partial Regex Heading();
}

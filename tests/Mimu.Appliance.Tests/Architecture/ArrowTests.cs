using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Mimu.Appliance.Tests.Stage;
using Mimu.Embedded;

namespace Mimu.Appliance.Tests.Architecture;

/// <summary>docs/architecture.md: three projects, one direction.</summary>
public partial class ArrowTests
{
    private static readonly Assembly _core = typeof(Core.Ids).Assembly;
    private static readonly Assembly _embedded = typeof(EmbeddedBackend).Assembly;

    [Fact]
    public void Core_knows_neither_HTTP_nor_SQL() => Assert.DoesNotContain(ReferencesOf(_core), name =>
        name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal)
        || name.Contains("Sqlite", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("SQLitePCL", StringComparison.Ordinal)
        || name.StartsWith("Dapper", StringComparison.Ordinal)
        || name.StartsWith("System.Net.Http", StringComparison.Ordinal)
        || name.StartsWith("System.Net.WebSockets", StringComparison.Ordinal)
        || name.StartsWith("System.Net.Sockets", StringComparison.Ordinal)
        || name.StartsWith("System.Data", StringComparison.Ordinal)
        || name is "mimu" or "Mimu.Embedded");

    [Fact]
    public void Embedded_knows_Core_alone_and_no_HTTP()
    {
        Assert.Equal(["Mimu.Core"], ReferencesOf(_embedded).Where(name => name.StartsWith("Mimu", StringComparison.OrdinalIgnoreCase)));
        Assert.DoesNotContain(ReferencesOf(_embedded), name => name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
    }

    [Fact]
    public void Embedded_has_one_entry() =>
        Assert.Equal([nameof(EmbeddedBackend), nameof(EmbeddedOptions)], _embedded.GetExportedTypes().Select(type => type.Name).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("Mimu.Core")]
    [InlineData("Mimu.Embedded", "Mimu.Core")]
    [InlineData("Mimu.Appliance", "Mimu.Core", "Mimu.Embedded")]
    public void Projects_reference_each_other_in_one_direction(string project, params string[] others)
    {
        var references = XDocument.Load(Repository.PathOf("src", project, $"{project}.csproj")).Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));
        Assert.Equal(others, references.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Only_Backend_knows_which_back_end_there_is() => Assert.Equal([Repository.PathOf("src", "Mimu.Appliance", "Backend.cs")],
        Repository.SourcesOf("src", "Mimu.Appliance").Where(path => File.ReadAllText(path).Contains("Mimu.Embedded", StringComparison.Ordinal)));

    [Fact]
    public void Only_the_command_line_writes_to_the_console() => Assert.Empty(
        Repository.SourcesOf("src").Where(path => !path.Contains("/Mimu.Appliance/Cli/", StringComparison.Ordinal) && ConsoleUse().IsMatch(File.ReadAllText(path)))
            .Select(Repository.NameOf));

    [Fact]
    public void Only_Problems_knows_statuses_of_codes() => Assert.Empty(
        Repository.SourcesOf("src", "Mimu.Core").Concat(Repository.SourcesOf("src", "Mimu.Embedded"))
            .Where(path => File.ReadAllText(path).Contains("StatusCode", StringComparison.Ordinal)).Select(Repository.NameOf));

    [Theory]
    [InlineData("src")]
    [InlineData("tests")]
    [InlineData("bench")]
    public void No_file_has_more_than_400_lines(string folder)
    {
        var files = Repository.SourcesOf(folder).Select(path => (Name: Repository.NameOf(path), Lines: File.ReadLines(path).Count())).ToList();
        Assert.NotEmpty(files);
        Assert.DoesNotContain(files, file => file.Lines > 400);
    }

    private static IEnumerable<string> ReferencesOf(Assembly assembly) => assembly.GetReferencedAssemblies().Select(reference => reference.Name!);

    [GeneratedRegex(@"\bConsole\s*\.\s*[A-Z]")]
    private static partial Regex ConsoleUse();
}

namespace Mimu.Appliance.Tests.Stage;

/// <summary>The sources that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(PathOf(parts));

    /// <summary>The C# files of a folder, without what the build makes.</summary>
    public static IEnumerable<string> SourcesOf(params string[] parts) =>
        Directory.EnumerateFiles(PathOf(parts), "*.cs", SearchOption.AllDirectories).Where(path => !Path.GetRelativePath(Root, path).Split('/').Any(part => part is "bin" or "obj"));

    /// <summary>The path as it stands in messages.</summary>
    public static string NameOf(string path) => Path.GetRelativePath(Root, path);

    private static string Find()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Mimu.sln")))
        {
            directory = directory.Parent ?? throw new InvalidOperationException($"No Mimu.sln stands above {AppContext.BaseDirectory}.");
        }
        return directory.FullName;
    }
}

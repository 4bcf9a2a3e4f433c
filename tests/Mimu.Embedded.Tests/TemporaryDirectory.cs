namespace Mimu.Embedded.Tests;

/// <summary>A directory that is gone after the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mimu-tests-").FullName;

    public string DatabasePath => System.IO.Path.Combine(Path, "mimu.db");

    public EmbeddedOptions Options => new(Path, DatabasePath, SyncEveryCommit: true);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

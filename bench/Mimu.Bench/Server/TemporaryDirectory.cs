using System.Collections.Concurrent;

namespace Mimu.Bench.Server;

/// <summary>A new directory that is removed with all that is in it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private static readonly ConcurrentDictionary<string, bool> Living = [];

    public TemporaryDirectory(string root)
    {
        // Short, since the server's Unix socket lies below it and its path may have 107 bytes.
        Path = System.IO.Path.Combine(root, $"mimu-bench-{Guid.NewGuid():N}"[..19]);
        Directory.CreateDirectory(Path);
        Living[Path] = true;
    }

    public string Path { get; }

    /// <summary>For when this process is told to end.</summary>
    public static void RemoveAll()
    {
        foreach (string path in Living.Keys)
            Directory.Delete(path, recursive: true);
    }

    public void Dispose()
    {
        if (Living.TryRemove(Path, out _))
            Directory.Delete(Path, recursive: true);
    }
}

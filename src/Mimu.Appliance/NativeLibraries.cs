using System.Runtime.InteropServices;
using NSec.Cryptography;
using SQLitePCL;

namespace Mimu.Appliance;

/// <summary>
/// Where SQLite and libsodium come from. The published program is one file that carries both as resources (build/NativeLibraries.targets),
/// and a copy of the system is never used: NSec refuses other versions of libsodium, and SQLite must be the one that was tested.
/// </summary>
internal static class NativeLibraries
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, string> Loaded = [];
    private static Func<string>? _fallbackDirectory;

    /// <summary>To be called before anything touches SQLite or NSec. Only the first call counts: the runtime takes one resolver an assembly.</summary>
    /// <param name="fallbackDirectory">Asked only where the system refuses libraries in memory: a directory of ours (the data directory), on a file system without noexec.</param>
    public static void Register(Func<string> fallbackDirectory)
    {
        if (Interlocked.CompareExchange(ref _fallbackDirectory, fallbackDirectory, null) is not null)
            return;
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, (name, _, _) => Resolve(name));
        NativeLibrary.SetDllImportResolver(typeof(SignatureAlgorithm).Assembly, (name, _, _) => Resolve(name));
    }

    private static nint Resolve(string name) => name switch
    {
        "e_sqlite3" => Load("libe_sqlite3.so"),
        "libsodium" => Load("libsodium.so"),
        _ => 0, // not ours: the runtime looks for it as usual
    };

    /// <summary>
    /// A reference of the caller's own. When two threads reach a library for the first time at once, the runtime asks twice and closes the handle of the one
    /// that came second: were it the only reference, the library would be unmapped under the feet of the first.
    /// </summary>
    private static nint Load(string file)
    {
        lock (Gate)
        {
            // Two copies of SQLite in a process don't see each other's file locks and corrupt databases: https://sqlite.org/howtocorrupt.html, section 2.2
            if (!Loaded.TryGetValue(file, out var path))
                Loaded[file] = path = Find(file);
            return NativeLibrary.Load(path);
        }
    }

    /// <summary>Where the library was loaded from; the reference that this took is never given back.</summary>
    private static string Find(string file)
    {
        List<string> refusals = [];
        foreach (var path in Beside(file).Where(File.Exists))
        {
            if (Try(() => path, $"from {path}", refusals, out var loaded))
                return loaded;
        }

        using var content = typeof(NativeLibraries).Assembly.GetManifestResourceStream("native/" + file);
        if (content is null)
            refusals.Add("it is not part of this build");
        else if (Try(() => EmbeddedLibrary.PutInMemory(file, content), "from memory", refusals, out var loaded)
            || Try(() => EmbeddedLibrary.PutInDirectory(file, content, _fallbackDirectory!()), "from the data directory", refusals, out loaded))
            return loaded;

        throw new DllNotFoundException($"{file} can't be loaded: {string.Join("; ", refusals)}. Put the data directory on a file system without noexec, or {file} beside the program.");
    }

    /// <summary>The absolute paths where an administrator may put another build of a library, and where an unpublished build has them (NuGet's layout).</summary>
    private static IEnumerable<string> Beside(string file) =>
    [
        Path.Combine(AppContext.BaseDirectory, file),
        Path.Combine(AppContext.BaseDirectory, "runtimes", $"linux-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}", "native", file),
    ];

    private static bool Try(Func<string> put, string where, List<string> refusals, out string path)
    {
        try
        {
            path = put();
            NativeLibrary.Load(path);
            return true;
        }
        catch (Exception exception)
        {
            refusals.Add($"{where}: {exception.Message}");
            path = "";
            return false;
        }
    }
}

using System.Runtime.InteropServices;

namespace Mimu.Smoke;

/// <summary>How many files this process and what it starts may have open (getrlimit(2)).</summary>
internal static partial class OpenFiles
{
    private const int NoFile = 7;

    /// <summary>Raises the soft limit to the hard one, which is told.</summary>
    public static int Raise()
    {
        var limit = default(Limit);
        if (Get(NoFile, ref limit) != 0)
        {
            return 1024;
        }
        limit.Soft = limit.Hard;
        return Set(NoFile, ref limit) == 0 ? (int)Math.Min(limit.Hard, int.MaxValue) : 1024;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int Get(int resource, ref Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int Set(int resource, ref Limit limit);

    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}

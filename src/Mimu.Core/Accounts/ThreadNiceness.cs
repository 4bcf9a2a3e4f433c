using System.Runtime.InteropServices;

namespace Mimu.Core.Accounts;

/// <summary>On Linux niceness belongs to threads, and .NET's own thread priorities do nothing there.</summary>
internal static partial class ThreadNiceness
{
    private const int ThisThread = 0;

    /// <summary>About a tenth of a core's time while others want it, all of it while nobody does.</summary>
    private const int Patient = 10;

    /// <summary>From now on this thread lets others go first. There is no way back for it. Where that can't be, nothing happens.</summary>
    public static void GiveWay()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(which: 0, ThisThread, Patient);
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int niceness);
}

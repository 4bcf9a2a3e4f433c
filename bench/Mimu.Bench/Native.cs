using System.Runtime.InteropServices;

namespace Mimu.Bench;

/// <summary>The few Linux calls that .NET does not offer.</summary>
internal static unsafe partial class Native
{
    internal const int Sigkill = 9;
    internal const int Sigterm = 15;

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    internal static partial int EpollCreate(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    internal static partial int EpollControl(int epoll, int operation, int descriptor, byte* epollEvent);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    internal static partial int EpollWait(int epoll, byte* events, int count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    internal static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    internal static partial int Kill(int processId, int signal);

    /// <summary>0 for the process or thread that calls: on Linux niceness belongs to threads.</summary>
    [LibraryImport("libc", EntryPoint = "setpriority", SetLastError = true)]
    private static partial int SetPriority(int which, uint who, int niceness);

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ClockGetTime(int clock, long* secondsAndNanoseconds);

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, ulong* softAndHard);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, ulong* softAndHard);

    /// <summary>
    /// CPU time (user and system) that a process has used, in nanoseconds, threads that ended included. This is the clock of
    /// <c>clock_getcpuclockid(3)</c>: exact, where <c>/proc/PID/stat</c> counts in ticks of 10 ms and <c>/proc/PID/schedstat</c> knows
    /// the first thread alone. Null when there is no such process.
    /// </summary>
    internal static long? ProcessCpuNanoseconds(int processId)
    {
        const int CpuClockSched = 2; // MAKE_PROCESS_CPUCLOCK(pid, CPUCLOCK_SCHED) of linux/posix-timers.h
        long* time = stackalloc long[2];
        return ClockGetTime((~processId << 3) | CpuClockSched, time) == 0 ? (time[0] * 1_000_000_000) + time[1] : null;
    }

    /// <summary>Puts the calling thread before all others that the scheduler shares cores among; false if that is not allowed (CAP_SYS_NICE).</summary>
    internal static bool TryGoFirst() => SetPriority(0, 0, -20) == 0;

    /// <summary>Raises the soft limit of open files to the hard one (children inherit it) and returns it.</summary>
    internal static long RaiseOpenFiles()
    {
        const int NoFile = 7; // RLIMIT_NOFILE
        ulong* limit = stackalloc ulong[2];
        if (GetLimit(NoFile, limit) != 0)
            return 1024;
        if (limit[0] < limit[1])
        {
            ulong soft = limit[0];
            limit[0] = limit[1];
            if (SetLimit(NoFile, limit) != 0)
                limit[0] = soft;
        }

        return (long)Math.Min(limit[0], int.MaxValue);
    }
}

using System.Globalization;

namespace Mimu.Bench.Measure;

/// <summary>What a process has cost so far: CPU time and resident memory.</summary>
/// <param name="processId">Whose.</param>
/// <param name="lastWords">What to tell of a process that is gone: what it printed last.</param>
internal sealed class ProcessMeter(int processId, Func<string> lastWords)
{
    public static ProcessMeter Self { get; } = new(Environment.ProcessId, () => "");

    /// <summary>User and system time of all threads, in nanoseconds.</summary>
    public long CpuNanoseconds()
        => Native.ProcessCpuNanoseconds(processId) ?? throw Gone();

    /// <summary>Resident memory in bytes. smaps_rollup counts pages; VmRSS lags behind by a batch of pages for each thread.</summary>
    public long ResidentBytes()
    {
        try
        {
            return KibibytesAfter($"/proc/{processId}/smaps_rollup", "Rss:");
        }
        catch (UnauthorizedAccessException)
        {
            return KibibytesAfter($"/proc/{processId}/status", "VmRSS:"); // a process that forbids core dumps hides the other
        }
        catch (IOException)
        {
            throw Gone();
        }
    }

    /// <summary>The most memory that was ever resident, in bytes.</summary>
    public long PeakResidentBytes() => KibibytesAfter($"/proc/{processId}/status", "VmHWM:");

    /// <summary>Has <see cref="PeakResidentBytes"/> begin anew (proc_pid_clear_refs(5)); false if that is not allowed, and then it stays that since the start.</summary>
    public bool TryForgetPeak()
    {
        try
        {
            File.WriteAllText($"/proc/{processId}/clear_refs", "5");
            return true;
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }

    private static long KibibytesAfter(string file, string label)
    {
        foreach (string line in File.ReadLines(file))
        {
            if (!line.StartsWith(label, StringComparison.Ordinal))
                continue;
            string number = line[label.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
            return long.Parse(number, CultureInfo.InvariantCulture) * 1024;
        }

        throw new IOException($"{file} has no {label}");
    }

    private BenchException Gone() => new($"process {processId} is gone; it said:\n{lastWords()}");
}

using System.Globalization;

namespace Mimu.Bench.Measure;

/// <summary>What a process has cost so far: CPU time and resident memory.</summary>
internal sealed class ProcessMeter(int processId)
{
    public static ProcessMeter Self { get; } = new(Environment.ProcessId);

    /// <summary>User and system time of all threads, in nanoseconds.</summary>
    public long CpuNanoseconds()
        => Native.ProcessCpuNanoseconds(processId) ?? throw new BenchException($"process {processId} is gone: its CPU time can't be read");

    /// <summary>Resident memory in bytes. smaps_rollup counts pages; VmRSS lags behind by a batch of pages for each thread.</summary>
    public long ResidentBytes()
    {
        try
        {
            return KibibytesAfter("smaps_rollup", "Rss:");
        }
        catch (IOException)
        {
            return KibibytesAfter("status", "VmRSS:");
        }
        catch (UnauthorizedAccessException)
        {
            return KibibytesAfter("status", "VmRSS:");
        }
    }

    private long KibibytesAfter(string file, string label)
    {
        foreach (string line in File.ReadLines($"/proc/{processId}/{file}"))
        {
            if (!line.StartsWith(label, StringComparison.Ordinal))
                continue;
            string number = line[label.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
            return long.Parse(number, CultureInfo.InvariantCulture) * 1024;
        }

        throw new BenchException($"/proc/{processId}/{file} has no {label}");
    }
}

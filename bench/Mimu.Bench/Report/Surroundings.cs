using System.Globalization;
using System.Runtime.InteropServices;

namespace Mimu.Bench.Report;

/// <summary>What a number depends on beside the code: told with every result.</summary>
internal sealed record Surroundings(string Cpu, int Cores, string System, string FileSystem, string Runtime, double LoadAverage, double MemoryGigabytes)
{
    public static Surroundings Look(string dataRoot) => new(
        ValueAfter("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        new DriveInfo(dataRoot).DriveFormat,
        RuntimeInformation.FrameworkDescription,
        double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture),
        Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9, 1));

    /// <summary>What makes the numbers doubtful; empty when nothing does.</summary>
    public IEnumerable<string> Doubts()
    {
        if (FileSystem is "tmpfs" or "ramfs")
            yield return $"the data lies on {FileSystem}, where a sync costs nothing: use --data-root";
        if (LoadAverage > 0.5)
            yield return $"the load average is {LoadAverage:0.0}: other work shares the cores";
    }

    private static string? ValueAfter(string file, string label)
        => File.ReadLines(file).FirstOrDefault(line => line.StartsWith(label, StringComparison.Ordinal))?.Split(':', 2)[1].Trim();
}

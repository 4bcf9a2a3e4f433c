using System.Globalization;

namespace Mimu.Bench.Measure;

/// <summary>
/// How busy the whole machine was. What neither the measured process nor this client used, others did (or the hypervisor took):
/// that share tells how far the times of a row can be trusted.
/// </summary>
internal static class MachineMeter
{
    private const double NanosecondsPerTick = 1e7; // USER_HZ is 100 on every architecture that .NET runs on

    /// <summary>What neither we nor the measured process used since then, in percent of all cores.</summary>
    public static double OthersPercent(double busyBefore, double ownMicros, double seconds)
    {
        double others = ((BusyNanoseconds() - busyBefore) / 1e3) - ownMicros;
        return Math.Max(0, others / (seconds * 1e6 * Environment.ProcessorCount) * 100);
    }

    /// <summary>CPU time of all cores that was not idle, in nanoseconds.</summary>
    public static double BusyNanoseconds()
    {
        // proc_stat(5): user nice system idle iowait irq softirq steal; guest time is counted in user already.
        string[] fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        int[] busy = [1, 2, 3, 6, 7, 8];
        return busy.Sum(field => double.Parse(fields[field], CultureInfo.InvariantCulture)) * NanosecondsPerTick;
    }
}

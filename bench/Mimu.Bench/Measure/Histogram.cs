using System.Numerics;

namespace Mimu.Bench.Measure;

/// <summary>
/// Times in nanoseconds, kept as counts: 128 buckets for every power of two, so that a percentile is at most 0.8 % off at any size,
/// recording costs two shifts and an addition, and nothing is sampled away.
/// </summary>
internal sealed class Histogram
{
    private const int SubBits = 7;
    private const int Sub = 1 << SubBits;
    private readonly long[] _counts = new long[(65 - SubBits) * Sub];
    private long _max;

    public long Count { get; private set; }

    public void Record(long nanoseconds)
    {
        long value = Math.Max(nanoseconds, 0);
        _counts[BucketOf(value)]++;
        Count++;
        if (value > _max)
            _max = value;
    }

    public void Clear()
    {
        Array.Clear(_counts);
        Count = 0;
        _max = 0;
    }

    /// <summary>The percentiles in milliseconds; null when nothing was recorded.</summary>
    public Latency? ToLatency()
        => Count == 0 ? null : new Latency(Percentile(0.5), Percentile(0.99), Percentile(0.999), _max / 1e6);

    private double Percentile(double share)
    {
        long rank = Math.Max(1, (long)Math.Ceiling(share * Count));
        long seen = 0;
        for (int bucket = 0; bucket < _counts.Length; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= rank)
                return Math.Min(UpperEnd(bucket), _max) / 1e6;
        }

        return _max / 1e6;
    }

    private static int BucketOf(long value)
    {
        int shift = Math.Max(0, BitOperations.Log2((ulong)value | 1) - SubBits);
        return (shift * Sub) + (int)(value >> shift);
    }

    /// <summary>The largest value that falls into a bucket: percentiles err to the slow side.</summary>
    private static long UpperEnd(int bucket)
    {
        if (bucket < 2 * Sub)
            return bucket;
        int shift = (bucket / Sub) - 1;
        return ((long)(bucket - (shift * Sub) + 1) << shift) - 1;
    }
}

/// <summary>Percentiles in milliseconds.</summary>
internal sealed record Latency(double P50, double P99, double P999, double Max);

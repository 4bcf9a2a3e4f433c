using System.Threading.RateLimiting;
using Mimu.Appliance.Configuration;

namespace Mimu.Appliance.Http;

/// <summary>
/// The token buckets of one rate. Their number is bounded: when there is no room, those that are full again go, for they limit nobody, and if none is,
/// newcomers share buckets until there is. A flood of addresses so takes neither memory nor a limit away.
/// </summary>
internal sealed class RateTable(Rate rate) : IDisposable
{
    /// <summary>A bucket takes about half a KiB, so that a rate takes at most 10 MB.</summary>
    private const int MaxBuckets = 20_000;

    /// <summary>How many buckets newcomers share when there is no room for one each.</summary>
    private const int SharedBuckets = 256;

    /// <summary>Milliseconds between two looks through all buckets: a look for every newcomer would be the flood's own weapon.</summary>
    private const int MinDropInterval = 1_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<RateKey, TokenBucketRateLimiter> _buckets = [];
    private long _lastDrop = -MinDropInterval;

    /// <summary>Takes so many tokens, at most a whole burst; null when there were enough, else how long to wait for them.</summary>
    public TimeSpan? Take(RateKey key, int count = 1)
    {
        var bucket = Find(key);
        bucket.TryReplenish();
        using var lease = bucket.AttemptAcquire(Math.Min(count, rate.Burst));
        return lease.IsAcquired ? null
            : lease.TryGetMetadata(MetadataName.RetryAfter, out var wait) ? wait
            : Period;
    }

    public void Dispose()
    {
        foreach (var bucket in _buckets.Values)
        {
            bucket.Dispose();
        }
    }

    /// <summary>A token comes back each so often.</summary>
    private TimeSpan Period => TimeSpan.FromMinutes(1 / rate.PerMinute);

    /// <summary>How many there are at the moment.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _buckets.Count;
            }
        }
    }

    private TokenBucketRateLimiter Find(RateKey key)
    {
        lock (_gate)
        {
            if (_buckets.TryGetValue(key, out var bucket))
            {
                return bucket;
            }
            if (_buckets.Count >= MaxBuckets && Environment.TickCount64 - _lastDrop >= MinDropInterval)
            {
                DropFull();
                _lastDrop = Environment.TickCount64;
            }
            if (_buckets.Count >= MaxBuckets)
            {
                key = RateKey.Shared(key.GetHashCode() & (SharedBuckets - 1));
                if (_buckets.TryGetValue(key, out bucket))
                {
                    return bucket;
                }
            }
            bucket = Create();
            _buckets.Add(key, bucket);
            return bucket;
        }
    }

    private void DropFull()
    {
        foreach (var (key, bucket) in _buckets)
        {
            bucket.TryReplenish();
            if (bucket.GetStatistics()?.CurrentAvailablePermits >= rate.Burst)
            {
                _buckets.Remove(key);
                bucket.Dispose();
            }
        }
    }

    /// <summary>Replenished when it is asked, so that no bucket has a timer.</summary>
    private TokenBucketRateLimiter Create() => new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = rate.Burst,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = Period,
        AutoReplenishment = false,
        QueueLimit = 0,
    });
}

namespace Mimu.Appliance.Tests.Model;

/// <summary>
/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the same seed gives the same numbers on every machine and in every version of .NET, so that a run can be
/// repeated by its seed.
/// </summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>Dice for one operation, which roll the same whatever was rolled before: so operations can be left out of a run.</summary>
    public static Dice For(ulong seed, int operation) => new(new Dice(seed ^ (0xD1B54A32D192ED03UL * (ulong)(operation + 1))).Next());

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>From 0 to just below <paramref name="end"/>.</summary>
    public int Below(int end) => (int)(Next() % (ulong)end);

    /// <summary>Both ends included.</summary>
    public int Between(int first, int last) => first + Below(last - first + 1);

    public bool Chance(int percent) => Below(100) < percent;

    public T Pick<T>(IReadOnlyList<T> from) => from[Below(from.Count)];

    /// <summary>A UUIDv7 by its form, of nothing that there is.</summary>
    public string Id()
    {
        var (high, low) = (Next().ToString("x16", null), Next().ToString("x16", null));
        return $"{high[..8]}-{high[8..12]}-7{high[13..]}-8{low[1..4]}-{low[4..]}";
    }

    public string Bytes(int most) => Convert.ToBase64String(Enumerable.Range(0, Between(1, most)).Select(_ => (byte)Next()).ToArray());
}

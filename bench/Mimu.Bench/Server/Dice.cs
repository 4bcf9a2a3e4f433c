namespace Mimu.Bench.Server;

/// <summary>Numbers that look like chance and are the same in every run (SplitMix64).</summary>
internal sealed class Dice(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A number below <paramref name="sides"/>.</summary>
    public int Next(long sides)
    {
        ulong mixed = unchecked(_state += 0x9E3779B97F4A7C15);
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return (int)Math.BigMul(mixed ^ (mixed >> 31), (ulong)sides, out _);
    }
}

namespace Mimu.Bench.Load;

/// <summary>Which messages of one sender one recipient has got: a bit for each, so that "exactly once" is checked and not assumed.</summary>
internal sealed class Ledger
{
    private ulong[] _bits = new ulong[64];

    public long Count { get; private set; }

    /// <summary>False: it was there already.</summary>
    public bool Add(uint sequence)
    {
        int word = (int)(sequence >> 6);
        if (word >= _bits.Length)
            Array.Resize(ref _bits, Math.Max(word + 1, _bits.Length * 2));
        ulong bit = 1UL << (int)(sequence & 63);
        if ((_bits[word] & bit) != 0)
            return false;
        _bits[word] |= bit;
        Count++;
        return true;
    }
}

namespace Mimu.Core.Calls;

/// <summary>What all calls together take. Used by who holds the table alone.</summary>
internal sealed class CallMemory(long max)
{
    /// <summary>What a frame takes beside its payload.</summary>
    public const int FrameOverhead = 128;

    /// <summary>What a call takes beside its frames.</summary>
    public const int CallOverhead = 1024;

    public long Taken { get; private set; }

    public bool TryTake(long bytes)
    {
        if (Taken + bytes > max)
        {
            return false;
        }
        Taken += bytes;
        return true;
    }

    public void Give(long bytes) => Taken -= bytes;
}

namespace Mimu.Appliance.Gateway;

/// <summary>
/// How many of a socket's frames are being dealt with. Begun and waited for by the one loop that reads them, done on any thread; a part of the socket, so that it
/// takes no memory of its own.
/// </summary>
internal struct FramesUnderWay
{
    /// <summary>So many at once; then the next is not read. Enough to fill a commit, too little to fill the memory.</summary>
    public const int Max = 256;

    private TaskCompletionSource? _room;
    private int _count;

    public bool IsFull => Volatile.Read(ref _count) >= Max;

    public void Begin() => Interlocked.Increment(ref _count);

    public void Done()
    {
        if (Interlocked.Decrement(ref _count) == Max / 2)
        {
            Interlocked.Exchange(ref _room, null)?.TrySetResult();
        }
    }

    /// <summary>Completes when no more than half of what may be is under way.</summary>
    public Task RoomAsync()
    {
        var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // With a full fence: the count must not be read before those who lower it can see that somebody waits.
        Interlocked.Exchange(ref _room, room);
        // Half of it may have been done before that.
        return Volatile.Read(ref _count) > Max / 2 ? room.Task : Task.CompletedTask;
    }
}

using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Specification;

/// <summary>Someone online who keeps what they are told.</summary>
public sealed class Recorder : IEventSubscriber
{
    private readonly Lock _lock = new();
    private readonly List<Publication> _told = [];
    private (int Count, TaskCompletionSource Reached)? _awaited;

    /// <summary>What was told so far, in order.</summary>
    public IReadOnlyList<Publication> Told
    {
        get
        {
            lock (_lock)
            {
                return [.. _told];
            }
        }
    }

    /// <summary>Done while an event is told.</summary>
    public Action<Publication> Hook { get; init; } = _ => { };

    /// <summary>How often it was said that all that was committed together has been told.</summary>
    public int Ends => Volatile.Read(ref _ends);

    private int _ends;

    public bool OnEvent(Publication publication)
    {
        Hook(publication);
        lock (_lock)
        {
            _told.Add(publication);
            if (_awaited is { } awaited && _told.Count >= awaited.Count)
            {
                awaited.Reached.TrySetResult();
            }
        }
        return true;
    }

    public void OnTold() => Interlocked.Increment(ref _ends);

    /// <summary>Waits until so many events were told, and answers all that were.</summary>
    public async Task<IReadOnlyList<Publication>> ExpectAsync(int count)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _awaited = (count, reached);
            if (_told.Count >= count)
            {
                reached.SetResult();
            }
        }
        await reached.Task.Within($"{count} events");
        return Told;
    }
}

using System.Collections.Concurrent;
using Mimu.Core.Push;

namespace Mimu.Appliance.Push;

/// <summary>What became of pushes since the start, by platform and outcome.</summary>
internal sealed class PushCounts
{
    private readonly ConcurrentDictionary<(PushPlatform Platform, PushKind Kind, PushResult Result), long> _counts = new();

    public void Add(PushPlatform platform, PushKind kind, PushResult result) => _counts.AddOrUpdate((platform, kind, result), 1, static (_, count) => count + 1);

    /// <summary>All that is not zero.</summary>
    public IReadOnlyList<(PushPlatform Platform, PushKind Kind, PushResult Result, long Count)> All =>
        [.. _counts.Select(one => (one.Key.Platform, one.Key.Kind, one.Key.Result, one.Value)).OrderBy(one => (one.Platform, one.Kind, one.Result))];
}

using System.Diagnostics;

namespace Mimu.Appliance.Tests.Model;

/// <summary>Where a run failed.</summary>
/// <param name="At">How many of its operations it had done; all of them when the end was not as it should be.</param>
/// <param name="Reason">What was wrong.</param>
/// <param name="Journal">What had been done.</param>
internal sealed record Failure(int At, Exception Reason, IReadOnlyList<string> Journal);

/// <summary>Runs of operations on the server and the model. One that fails is made as short as can be, and told with what it takes to repeat it.</summary>
internal static class Trial
{
    private const int LastLines = 30;

    /// <summary>How long making a failure short may take.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <returns>How many operations a second there were.</returns>
    public static async Task<double> RunAsync(ulong seed, int count)
    {
        var watch = Stopwatch.StartNew();
        if (await TryAsync(seed, [.. Enumerable.Range(0, count)]) is { } failure)
        {
            Assert.Fail(await TellAsync(seed, count, failure));
        }
        return count / watch.Elapsed.TotalSeconds;
    }

    private static async Task<Failure?> TryAsync(ulong seed, IReadOnlyList<int> operations)
    {
        await using var player = await Player.StartAsync(seed);
        var done = 0;
        try
        {
            foreach (var number in operations)
            {
                await player.PlayAsync(seed, number);
                done++;
            }
            await player.FinishAsync();
            return null;
        }
        catch (Exception e)
        {
            return new Failure(done, e, player.Journal);
        }
    }

    private static async Task<string> TellAsync(ulong seed, int count, Failure failure)
    {
        var (operations, shortest) = await ShortenAsync(seed, [.. Enumerable.Range(0, Math.Min(failure.At + 1, count))]);
        return $"""
            After {failure.At} operations the server and the model differ. To repeat: MIMU_MODEL_SEED={seed} MIMU_MODEL_OPERATIONS={Math.Min(failure.At + 1, count)}
            {failure.Reason.Message}
            {Last(failure)}

            {(shortest is null ? "It did not fail again." : $"""
                The fewest operations that fail, {operations.Count}: {string.Join(' ', operations)}
                {shortest.Reason.Message}
                {Last(shortest)}
                """)}

            {failure.Reason}
            """;
    }

    /// <summary>Leaves out as many operations as it can, first by halves, then by ever smaller parts.</summary>
    private static async Task<(List<int> Operations, Failure? Failure)> ShortenAsync(ulong seed, List<int> operations)
    {
        var watch = Stopwatch.StartNew();
        Failure? shortest = null;
        for (var part = operations.Count / 2; part > 0 && watch.Elapsed < _patience; part /= 2)
        {
            for (var start = 0; start < operations.Count && watch.Elapsed < _patience;)
            {
                List<int> fewer = [.. operations.Take(start), .. operations.Skip(start + part)];
                if (fewer.Count < operations.Count && await TryAsync(seed, fewer) is { } failure)
                {
                    // What comes after the failure is of no use either.
                    (operations, shortest) = ([.. fewer.Take(failure.At + 1)], failure);
                }
                else
                {
                    start += part;
                }
            }
        }
        return (operations, shortest);
    }

    private static string Last(Failure failure) => string.Join('\n', failure.Journal.Skip(failure.Journal.Count - LastLines));
}

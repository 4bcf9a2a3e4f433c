using System.Net.Sockets;
using Mimu.Bench.Floors;
using Mimu.Bench.Load;
using Mimu.Bench.Report;
using Mimu.Bench.Scenarios;

namespace Mimu.Bench;

/// <summary>Rounds of scenarios, each with the floors that it is held against, and the report at the end.</summary>
internal static class Runner
{
    /// <summary>The exit code.</summary>
    public static async Task<int> RunAsync(Options options)
    {
        IReadOnlyList<Scenario> scenarios = Scenario.Choose(options.Scenarios);
        if (!options.FloorsOnly && !File.Exists(options.Server))
            throw new BenchException($"there is no server at {options.Server}: publish it, or name it with --server");
        Native.RaiseOpenFiles();
        Surroundings surroundings = Surroundings.Look(options.DataRoot);
        foreach (string doubt in surroundings.Doubts())
            Progress.Tell($"Mind: {doubt}.");

        var faults = new List<string>();
        var rounds = new List<IReadOnlyList<Result>>();
        for (int round = 1; round <= options.Rounds && faults.Count == 0; round++)
        {
            if (options.Rounds > 1)
                Progress.Tell($"round {round} of {options.Rounds}");
            rounds.Add(await RoundAsync(options, scenarios, faults));
        }

        Result[] medians = [.. rounds[0].Select(first => Result.Median([.. rounds.Select(round => round.FirstOrDefault(result => result.Name == first.Name)).OfType<Result>()]))];
        await JsonReport.WriteAsync(options.Json, options, surroundings, medians, rounds, faults);
        Print(options, surroundings, medians, faults);
        return faults.Count == 0 ? 0 : 1;
    }

    private static async Task<IReadOnlyList<Result>> RoundAsync(Options options, IReadOnlyList<Scenario> scenarios, List<string> told)
    {
        var floorFaults = new Faults();
        var floors = new FloorBook(options, floorFaults);
        var results = new List<Result>();
        foreach (Scenario scenario in scenarios)
        {
            Progress.Tell(scenario.Name);
            var faults = new Faults();
            try
            {
                results.AddRange(await scenario.RunAsync(new Surface(options, floors, faults)));
            }
            catch (Exception problem) when (problem is BenchException or HttpRequestException or SocketException or IOException or OperationCanceledException)
            {
                // What was measured before still counts, and the next scenario has a server of its own.
                faults.Add($"could not go on: {problem.Message}");
            }

            told.AddRange(faults.Messages.Select(message => $"{scenario.Name}: {message}"));
        }

        told.AddRange(floorFaults.Messages.Select(message => $"floor: {message}"));
        return [.. floors.Results, .. results];
    }

    private static void Print(Options options, Surroundings at, IReadOnlyList<Result> medians, List<string> faults)
    {
        Console.WriteLine();
        Console.WriteLine($"{at.Cpu}, {at.Cores} cores, {at.MemoryGigabytes} GB; {at.System}; data on {at.FileSystem}; {options.PayloadBytes}-byte payloads.");
        Console.WriteLine($"Closed loop; {options.Seconds} s measured after {options.WarmUp.TotalSeconds} s of warm-up; {(options.Rounds == 1 ? "one round" : $"medians of {options.Rounds} rounds")}; client and server share the cores.");
        if (options.Quick)
            Console.WriteLine("--quick: these numbers only show that the bench works.");
        Console.WriteLine();
        Console.Write(Table.Format(medians));
        Console.WriteLine();
        foreach (string fault in faults)
            Console.WriteLine($"FAULT {fault}");
        if (faults.Count == 0 && !options.FloorsOnly)
            Console.WriteLine("Every message arrived exactly once, unaltered, and only where it belongs.");
        Console.WriteLine($"Results: {options.Json}");
    }
}

using Mimu.Bench.Load;
using Mimu.Bench.Measure;

namespace Mimu.Bench.Report;

/// <summary>One row of the table. What a row has no business telling is null.</summary>
internal sealed record Result(string Name)
{
    public bool IsFloor { get; init; }

    public double? SendsPerSecond { get; init; }

    public double? DeliveriesPerSecond { get; init; }

    /// <summary>From queueing the message to reading it at the recipient; for the POST floor, to its answer; other rows say in their note.</summary>
    public Latency? Latency { get; init; }

    /// <summary>From queueing the message to its acknowledgement.</summary>
    public Latency? AckLatency { get; init; }

    /// <summary>CPU of the process under measurement for each delivered message, or for each send where nothing is delivered.</summary>
    public double? CpuMicros { get; init; }

    /// <summary>CPU of this client for the same: it ran on the same cores.</summary>
    public double? ClientCpuMicros { get; init; }

    /// <summary>What other work had of all cores meanwhile, in percent.</summary>
    public double? OthersPercent { get; init; }

    public double? ResidentMegabytesBefore { get; init; }

    public double? ResidentMegabytesAfter { get; init; }

    /// <summary>The floor's formula, for example "2a+b".</summary>
    public string? FloorFormula { get; init; }

    public double? FloorMicros { get; init; }

    /// <summary><see cref="CpuMicros"/> over <see cref="FloorMicros"/>.</summary>
    public double? Ratio { get; init; }

    /// <summary>Words beside the numbers. {name} stands for the number of that name in <see cref="Extra"/>, so that it is a median too.</summary>
    public string Note { get; init; } = "";

    /// <summary>Numbers that one scenario alone has.</summary>
    public IReadOnlyDictionary<string, double> Extra { get; init; } = new Dictionary<string, double>();

    public static double Megabytes(long bytes) => bytes / 1048576.0;

    public static Result Of(string name, Window window)
    {
        long messages = Math.Max(1, window.Deliveries > 0 ? window.Deliveries : window.Acks);
        return new Result(name)
        {
            SendsPerSecond = window.Acks > 0 ? window.Acks / window.Seconds : null,
            DeliveriesPerSecond = window.Deliveries > 0 ? window.Deliveries / window.Seconds : null,
            Latency = window.ToDelivery.ToLatency() ?? window.ToAck.ToLatency(),
            AckLatency = window.ToAck.ToLatency(),
            CpuMicros = window.ServerCpuMicros / messages,
            ClientCpuMicros = window.ClientCpuMicros / messages,
            OthersPercent = window.OthersPercent,
        };
    }

    public Result WithResident(long before, long after)
        => this with { ResidentMegabytesBefore = Megabytes(before), ResidentMegabytesAfter = Megabytes(after) };

    /// <summary>Compares with the floor; no floor, no ratio.</summary>
    public Result Against(string formula, double? floorMicros)
        => floorMicros is null ? this : this with { FloorFormula = formula, FloorMicros = floorMicros, Ratio = CpuMicros / floorMicros };

    /// <summary>The median of each number by itself, over the rounds.</summary>
    public static Result Median(IReadOnlyList<Result> rounds)
    {
        double? Of(Func<Result, double?> number) => MedianOf(rounds.Select(number).OfType<double>());
        Latency? Times(Func<Result, Latency?> latency) => rounds.All(round => latency(round) is not null)
            ? new Latency(Of(r => latency(r)!.P50)!.Value, Of(r => latency(r)!.P99)!.Value, Of(r => latency(r)!.P999)!.Value, Of(r => latency(r)!.Max)!.Value)
            : null;
        return rounds[0] with
        {
            SendsPerSecond = Of(r => r.SendsPerSecond),
            DeliveriesPerSecond = Of(r => r.DeliveriesPerSecond),
            Latency = Times(r => r.Latency),
            AckLatency = Times(r => r.AckLatency),
            CpuMicros = Of(r => r.CpuMicros),
            ClientCpuMicros = Of(r => r.ClientCpuMicros),
            OthersPercent = Of(r => r.OthersPercent),
            ResidentMegabytesBefore = Of(r => r.ResidentMegabytesBefore),
            ResidentMegabytesAfter = Of(r => r.ResidentMegabytesAfter),
            FloorMicros = Of(r => r.FloorMicros),
            Ratio = Of(r => r.Ratio),
            Extra = rounds[0].Extra.Keys.ToDictionary(key => key, key => Of(r => r.Extra.GetValueOrDefault(key))!.Value),
        };
    }

    private static double? MedianOf(IEnumerable<double> numbers)
    {
        double[] sorted = [.. numbers.Order()];
        if (sorted.Length == 0)
            return null;
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mimu.Bench.Report;

/// <summary>Everything that was measured, every round of it, for later comparison.</summary>
internal static class JsonReport
{
    private static readonly JsonSerializerOptions Style = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static async Task WriteAsync(
        string file, Options options, Surroundings surroundings, IReadOnlyList<Result> medians, IReadOnlyList<IReadOnlyList<Result>> rounds, IReadOnlyList<string> faults)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var report = new
        {
            At = TimeProvider.System.GetUtcNow(),
            Load = "closed loop",
            options.Seconds,
            WarmUp = options.WarmUp.TotalSeconds,
            options.Rounds,
            options.Quick,
            options.PayloadBytes,
            options.ClientMessageIds,
            Surroundings = surroundings,
            Faults = faults,
            Medians = medians,
            EveryRound = rounds,
        };
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(report, Style) + "\n");
    }
}

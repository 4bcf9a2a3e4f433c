using System.Globalization;
using System.Text;

namespace Mimu.Bench.Report;

/// <summary>Results as aligned plain text.</summary>
internal static class Table
{
    private static readonly string[] Heads =
        ["", "sends/s", "deliv/s", "p50 ms", "p99 ms", "p99.9 ms", "CPU µs", "client µs", "others %", "RSS MiB", "floor µs", "ratio", "note"];

    public static string Format(IEnumerable<Result> results)
    {
        List<string[]> rows = [Heads, .. results.OrderBy(result => !result.IsFloor).Select(Cells)];
        int[] widths = [.. Enumerable.Range(0, Heads.Length).Select(column => rows.Max(row => row[column].Length))];
        var text = new StringBuilder();
        foreach (string[] row in rows)
        {
            var line = new StringBuilder();
            for (int column = 0; column < row.Length; column++)
            {
                bool isText = column == 0 || column == row.Length - 1;
                line.Append(isText ? row[column].PadRight(widths[column]) : row[column].PadLeft(widths[column])).Append("  ");
            }

            text.AppendLine(line.ToString().TrimEnd());
        }

        return text.ToString();
    }

    private static string[] Cells(Result result) =>
    [
        result.Name,
        Number(result.SendsPerSecond, "N0"),
        Number(result.DeliveriesPerSecond, "N0"),
        Number(result.Latency?.P50, "0.00"),
        Number(result.Latency?.P99, "0.00"),
        Number(result.Latency?.P999, "0.00"),
        Number(result.CpuMicros, "0.0"),
        Number(result.ClientCpuMicros, "0.0"),
        Number(result.OthersPercent, "0"),
        result.ResidentMegabytesBefore is null ? "" : $"{Number(result.ResidentMegabytesBefore, "0")}→{Number(result.ResidentMegabytesAfter, "0")}",
        Number(result.FloorMicros, "0.0"),
        Number(result.Ratio, "0.00"),
        string.Join("; ", new[] { result.FloorFormula is null ? "" : $"floor {result.FloorFormula}", NoteOf(result) }.Where(part => part.Length > 0)),
    ];

    private static string NoteOf(Result result)
        => result.Extra.Aggregate(result.Note, (note, extra) => note.Replace($"{{{extra.Key}}}", Number(extra.Value, "0.##"), StringComparison.Ordinal));

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}

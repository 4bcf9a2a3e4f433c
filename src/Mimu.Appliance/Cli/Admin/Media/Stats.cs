using System.CommandLine;
using System.Text.Json;

namespace Mimu.Appliance.Cli.Admin.Media;

/// <summary><c>mimu admin media stats</c>: what there is of files.</summary>
internal static class Stats
{
    public static Command Command() => new Command("stats", "Show how many files there are, how large they are, and where.\nExample: mimu admin media stats").Asks("/media/stats", _ => [], Text);

    private static string Text(JsonElement stats) => Columns.Align(
    [
        ["backend", stats.GetProperty("backend").GetString()!, ""],
        ["place", stats.GetProperty("place").GetString()!, ""],
        ["files", stats.GetProperty("files").GetRawText(), Walk.Size(stats.GetProperty("bytes"))],
        ["accounts with files", stats.GetProperty("accounts").GetRawText(), ""],
        ["uploads under way", stats.GetProperty("uploads").GetRawText(), Walk.Size(stats.GetProperty("upload_bytes"))],
        ["removed, to be erased", stats.GetProperty("removed").GetRawText(), Walk.Size(stats.GetProperty("removed_bytes"))],
        ["free", stats.GetProperty("free") is { ValueKind: JsonValueKind.Number } free ? Walk.Size(free) : "unknown", ""],
    ]);
}

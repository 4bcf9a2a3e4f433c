using System.CommandLine;
using System.Text.Json;

namespace Mimu.Appliance.Cli.Admin.Push;

/// <summary><c>mimu admin push queue</c>: what waits to be pushed, and what became of pushes.</summary>
internal static class Queue
{
    public static Command Command() =>
        new Command("queue", "Show what waits to be pushed, and what became of pushes since the server started.\nExample: mimu admin push queue").Asks("/push/queue", _ => [], Text);

    private static string Text(JsonElement answer)
    {
        var lines = new List<string[]> { (string[])["platform", "configured", "registrations", "waiting", "failing", "next in"] };
        lines.AddRange(answer.GetProperty("platforms").EnumerateArray().Select(one => (string[])
        [
            one.GetProperty("platform").GetString()!, one.GetProperty("configured").GetBoolean() ? "yes" : "no", one.GetProperty("registrations").GetRawText(),
            one.GetProperty("waiting").GetRawText(), one.GetProperty("failing").GetRawText(),
            one.GetProperty("next_in_seconds") is { ValueKind: JsonValueKind.Number } next ? $"{next.GetRawText()} s" : "-",
        ]));
        var counts = answer.GetProperty("counts").EnumerateArray().Select(one => (string[])
        [
            one.GetProperty("platform").GetString()!, one.GetProperty("kind").GetString()!, one.GetProperty("outcome").GetString()!, one.GetProperty("count").GetRawText(),
        ]).ToList();
        return Columns.Align(lines) + (counts.Count > 0 ? "\nSince the start:\n" + Columns.Align(counts) : "");
    }
}

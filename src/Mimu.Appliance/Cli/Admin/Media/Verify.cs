using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mimu.Appliance.Cli.Admin.Media;

/// <summary>
/// <c>mimu admin media verify</c>: reads every file and compares it with the table. What can be repaired without a loss, <c>gc</c> repairs; a damaged file stays where it is, since it
/// may be the only copy: its administrator puts a good one from a backup in its place, or its owner deletes it.
/// </summary>
internal static class Verify
{
    public static Command Command()
    {
        var repair = new Option<bool>("--repair") { Description = "Then do what `mimu admin media gc` does. Damaged files stay as they are." };
        return new Command("verify", "Read every file and compare its size and checksum with the table.\nExample: mimu admin media verify") { repair }.Talks(
            (talk, cancellation) => RunAsync(talk, talk.Parsed.GetValue(repair), cancellation), Text, CodeOf);
    }

    private static async Task<byte[]> RunAsync(AdminTalk talk, bool isRepair, CancellationToken cancellation)
    {
        var answer = await Walk.AllAsync(talk, "/media/verify", () => [], ["right"], cancellation);
        // What is in the store and no file, only a comparison of both tells.
        var cleanUp = Walk.Parse(await talk.AskAsync("/media/gc", new JsonObject { ["dry_run"] = !isRepair }, cancellation));
        answer["stray"] = (long)cleanUp["stray"]!;
        answer["repaired"] = isRepair && !(bool)cleanUp["refused"]!;
        return Walk.Bytes(answer);
    }

    private static bool IsRepaired(JsonElement answer) => answer.GetProperty("repaired").GetBoolean();

    private static int CodeOf(JsonElement answer)
    {
        var isAgreed = IsRepaired(answer) || (answer.GetProperty("lost").GetArrayLength() == 0 && answer.GetProperty("stray").GetInt64() == 0);
        return isAgreed && answer.GetProperty("damaged").GetArrayLength() == 0 ? ExitCodes.Ok : ExitCodes.Failed;
    }

    private static string Text(JsonElement answer)
    {
        var text = Columns.Align(
        [
            ["right", answer.GetProperty("right").GetRawText(), Walk.Size(answer.GetProperty("right_bytes"))],
            ["of these without a checksum", answer.GetProperty("unknown").GetRawText(), ""],
            ["lost", $"{answer.GetProperty("lost").GetArrayLength()}", ""],
            ["damaged", $"{answer.GetProperty("damaged").GetArrayLength()}", ""],
            ["bytes without a file", answer.GetProperty("stray").GetRawText(), ""],
        ]);
        var keys = Walk.Lines(answer, "lost").Concat(Walk.Lines(answer, "damaged")).ToList();
        return $"{text}{(keys.Count > 0 ? Columns.Align(keys) : "")}{(CodeOf(answer) == ExitCodes.Ok ? "" : Advice(answer))}";
    }

    private static string Advice(JsonElement answer) =>
        (IsRepaired(answer) ? "" : "`mimu admin media gc` forgets lost files and erases bytes without a file; --repair does so at once.\n")
        + (answer.GetProperty("damaged").GetArrayLength() > 0 ? "Damaged files stay as they are: put good ones from a backup in their place.\n" : "");
}

using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mimu.Appliance.Cli.Admin.Media;

/// <summary><c>mimu admin media gc</c>: a clean-up now, which the server does by itself once an hour (protocol 8.5).</summary>
internal static class CleanUp
{
    public static Command Command()
    {
        var isTrial = new Option<bool>("--dry-run") { Description = "Change nothing, only tell what would be done." };
        var isForced = new Option<bool>("--force") { Description = "Also when so much is missing or stray that something else seems to be wrong. Make sure first that nothing is." };
        return new Command("gc", "Have the table of files and the store agree, and erase what is removed.\nExample: mimu admin media gc --dry-run") { isTrial, isForced }.Talks(
            (talk, cancellation) => talk.AskAsync("/media/gc", new JsonObject { ["dry_run"] = talk.Parsed.GetValue(isTrial), ["force"] = talk.Parsed.GetValue(isForced) }, cancellation), Text, CodeOf);
    }

    /// <summary>The clean-up has not done what it found to do: a person must look.</summary>
    public static int CodeOf(JsonElement answer) => answer.GetProperty("refused").GetBoolean() ? ExitCodes.Failed : ExitCodes.Ok;

    public static string Text(JsonElement answer) => Columns.Align(
    [
        [answer.GetProperty("dry_run").GetBoolean() ? "removed, would be erased" : "removed, erased", answer.GetProperty("erased").GetRawText()],
        ["uploads found finished", answer.GetProperty("finished").GetRawText()],
        ["uploads forgotten", answer.GetProperty("forgotten").GetRawText()],
        ["files without bytes", answer.GetProperty("lost").GetRawText()],
        ["bytes without a file", answer.GetProperty("stray").GetRawText()],
    ]) + (answer.GetProperty("refused").GetBoolean()
        ? "So much is missing or stray that it was not touched: is it the right store, mounted, and of the same backup as the database? If it is, use --force.\n"
        : "");
}

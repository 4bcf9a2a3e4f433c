using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mimu.Appliance.Cli.Admin.Media;

/// <summary>
/// <c>mimu admin media migrate</c>: copies all files to the other kind of store. Which one is used is the setting's alone: a program that changed it would leave a settings file that says
/// something else than what is so.
/// </summary>
internal static class Migrate
{
    public static Command Command()
    {
        var to = new Option<string>("--to") { Description = "Where to: disk (media.path) or s3 (media.s3).", HelpName = "STORE", Required = true };
        to.AcceptOnlyFromAmong("disk", "s3");
        return new Command("migrate", "Copy all files to the other kind of store and check every copy. What they are copied from stays.\nExample: mimu admin media migrate --to s3") { to }.Talks(
            (talk, cancellation) => RunAsync(talk, talk.Parsed.GetValue(to)!, cancellation), Text, CodeOf);
    }

    private static async Task<byte[]> RunAsync(AdminTalk talk, string to, CancellationToken cancellation)
    {
        var answer = await Walk.AllAsync(talk, "/media/migrate", () => new JsonObject { ["to"] = to }, ["copied", "present"], cancellation);
        answer["to"] = to;
        answer["server_runs"] = talk.IsServer;
        return Walk.Bytes(answer);
    }

    private static int CodeOf(JsonElement answer) =>
        answer.GetProperty("lost").GetArrayLength() == 0 && answer.GetProperty("damaged").GetArrayLength() == 0 ? ExitCodes.Ok : ExitCodes.Failed;

    private static string Text(JsonElement answer)
    {
        var text = Columns.Align(
        [
            ["copied and checked", answer.GetProperty("copied").GetRawText(), Walk.Size(answer.GetProperty("copied_bytes"))],
            ["there already, checked", answer.GetProperty("present").GetRawText(), Walk.Size(answer.GetProperty("present_bytes"))],
            ["lost", $"{answer.GetProperty("lost").GetArrayLength()}", ""],
            ["damaged, not copied", $"{answer.GetProperty("damaged").GetArrayLength()}", ""],
        ]);
        var keys = Walk.Lines(answer, "lost").Concat(Walk.Lines(answer, "damaged")).ToList();
        return $"{text}{(keys.Count > 0 ? Columns.Align(keys) : "")}{Next(answer)}";
    }

    private static string Next(JsonElement answer)
    {
        var to = answer.GetProperty("to").GetString();
        return CodeOf(answer) != ExitCodes.Ok
            ? "Not all files could be copied: those that are lost or damaged stay behind. `mimu admin media verify` tells more.\n"
            : answer.GetProperty("server_runs").GetBoolean()
                ? $"The server runs, so that files may have come meanwhile: stop it and run `mimu admin media migrate --to {to}` once more.\n"
                : $"All files are there. To use them, set this in mimu.toml and start the server:\n[media]\nbackend = \"{to}\"\n";
    }
}

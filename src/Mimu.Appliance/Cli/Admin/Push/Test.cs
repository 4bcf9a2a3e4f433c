using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mimu.Appliance.Cli.Admin.Push;

/// <summary><c>mimu admin push test</c>: pushes to all that somebody has registered, and tells what the push services say.</summary>
internal static class Test
{
    public static Command Command()
    {
        var user = new Argument<string>("PUBLIC_ID") { Description = "Who is to get it." };
        return new Command("test", "Push to all of somebody's registrations, and tell what the push services say.\nExample: mimu admin push test alice") { user }.Talks(
            (talk, cancellation) => talk.AskAsync("/push/test", new JsonObject { ["public_id"] = talk.Parsed.GetRequiredValue(user) }, cancellation), Text, CodeOf);
    }

    private static int CodeOf(JsonElement answer) =>
        answer.GetProperty("results").EnumerateArray().All(one => one.GetProperty("outcome").ValueEquals("accepted")) ? ExitCodes.Ok : ExitCodes.Failed;

    private static string Text(JsonElement answer)
    {
        var lines = answer.GetProperty("results").EnumerateArray().Select(one => (string[])
        [
            one.GetProperty("platform").GetString()!, $"device {one.GetProperty("device_id").GetRawText()}", one.GetProperty("outcome").GetString()!, one.GetProperty("detail").GetString()!,
        ]).ToList();
        return lines.Count > 0 ? Columns.Align(lines) : "Nothing is registered for pushes.\n";
    }
}

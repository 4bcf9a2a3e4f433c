using System.CommandLine;
using System.Text.Json;

namespace Mimu.Appliance.Cli.Admin.Invite;

/// <summary><c>mimu admin invite list</c>: the invitations that can still be used.</summary>
internal static class List
{
    public static Command Command() => new Command("list", "Show the invitations that can still be used, without their codes: those are not kept.\nExample: mimu admin invite list --json")
        .Asks("/invite/list", _ => [], Text);

    private static string Text(JsonElement answer)
    {
        var invites = answer.GetProperty("invites").EnumerateArray().ToList();
        return invites.Count == 0 ? "There are no invitations.\n" : Columns.Align(
        [
            ["ID", "USES LEFT", "FOR", "CREATED AT", "EXPIRES AT"],
            .. invites.Select(invite => (string[])
            [
                invite.GetProperty("id").GetRawText(),
                invite.GetProperty("uses_left").GetRawText(),
                invite.GetProperty("public_id").GetString() ?? "anyone",
                invite.GetProperty("created_at").GetString()!,
                invite.GetProperty("expires_at").GetString()!,
            ]),
        ]);
    }
}

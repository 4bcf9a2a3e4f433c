using System.CommandLine;
using System.Text.Json.Nodes;

namespace Mimu.Appliance.Cli.Admin.Invite;

/// <summary><c>mimu admin invite revoke</c>: takes an invitation back.</summary>
internal static class Revoke
{
    public static Command Command()
    {
        var invite = new Argument<string>("INVITE") { Description = "Its number in `mimu admin invite list`, or its code." };
        return new Command("revoke", "Take an invitation back. Who has registered with it stays.\nExample: mimu admin invite revoke 3") { invite }
            .Asks("/invite/revoke", parsed => new JsonObject { ["invite"] = parsed.GetValue(invite) }, _ => "The invitation is good for nothing any more.\n");
    }
}

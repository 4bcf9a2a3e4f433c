using System.CommandLine;
using System.Text.Json.Nodes;

namespace Mimu.Appliance.Cli.Admin.Subscription;

/// <summary><c>mimu admin subscription revoke</c>: takes back what was granted. What somebody has bought is theirs.</summary>
internal static class Revoke
{
    public static Command Command()
    {
        var user = Show.Person();
        return new Command("revoke", "Take back what was granted. What somebody has bought stays theirs.\nExample: mimu admin subscription revoke alice") { user }.Asks(
            "/subscription/revoke", parsed => new JsonObject { ["public_id"] = parsed.GetRequiredValue(user) }, Show.Text);
    }
}

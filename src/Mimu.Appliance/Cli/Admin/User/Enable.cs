using System.CommandLine;
using System.Text.Json.Nodes;

namespace Mimu.Appliance.Cli.Admin.User;

/// <summary><c>mimu admin user enable</c>: lets a disabled account in again (protocol section 15).</summary>
internal static class Enable
{
    public static Command Command()
    {
        var publicId = new Argument<string>("PUBLIC_ID") { Description = "The account's name." };
        return new Command("enable", "Let a disabled account sign in again.\nExample: mimu admin user enable mallory") { publicId }
            .Asks("/user/enable", parsed => new JsonObject { ["public_id"] = parsed.GetValue(publicId) },
                answer => $"{answer.GetProperty("public_id").GetString()} may sign in.\n");
    }
}

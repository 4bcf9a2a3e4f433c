using System.CommandLine;
using System.Text.Json.Nodes;

namespace Mimu.Appliance.Cli.Admin.User;

/// <summary><c>mimu admin user disable</c>: keeps an account out (protocol section 15).</summary>
internal static class Disable
{
    public static Command Command()
    {
        var publicId = new Argument<string>("PUBLIC_ID") { Description = "The account's name." };
        return new Command("disable", "Sign an account out everywhere and keep it out. Its data stays.\nExample: mimu admin user disable mallory") { publicId }
            .Asks("/user/disable", parsed => new JsonObject { ["public_id"] = parsed.GetValue(publicId) },
                answer => $"{answer.GetProperty("public_id").GetString()} is disabled.\n");
    }
}

using System.CommandLine;
using System.Text.Json.Nodes;

namespace Mimu.Appliance.Cli.Admin.Subscription;

/// <summary><c>mimu admin subscription grant</c>: gives somebody premium.</summary>
internal static class Grant
{
    public static Command Command()
    {
        var user = Show.Person();
        var until = new Option<string>("--until") { Description = "Through this day (UTC), such as 2027-12-31, or until a time such as 2027-12-31T12:00:00Z.", Required = true };
        return new Command("grant", "Give somebody premium.\nExample: mimu admin subscription grant alice --until 2027-12-31") { user, until }.Asks(
            "/subscription/grant", parsed => new JsonObject { ["public_id"] = parsed.GetRequiredValue(user), ["until"] = parsed.GetRequiredValue(until) }, Show.Text);
    }
}

using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mimu.Appliance.Cli.Admin.Subscription;

/// <summary><c>mimu admin subscription show</c>: what somebody has bought or was given, and what was seen and decided.</summary>
internal static class Show
{
    public static Command Command()
    {
        var user = Person();
        return new Command("show", "Show somebody's subscription, and what was seen and decided of it.\nExample: mimu admin subscription show alice") { user }.Asks(
            "/subscription/show", parsed => new JsonObject { ["public_id"] = parsed.GetRequiredValue(user) }, Text);
    }

    public static Argument<string> Person() => new("PUBLIC_ID") { Description = "The account's name." };

    public static string Text(JsonElement file)
    {
        var status = file.GetProperty("subscription");
        var lines = Columns.Align(
        [
            ["status", Of(status, "state")],
            ["premium", status.GetProperty("active").GetBoolean() ? "yes" : "no"],
            ["until", Of(status, "expires_at")],
            ["granted until", Of(file, "granted_until")],
        ]);
        var purchases = file.GetProperty("purchases").EnumerateArray().Select(one => (string[])[Of(one, "platform"), Of(one, "product_id"), Of(one, "state"), $"until {Of(one, "expires_at")}", $"as of {Of(one, "as_of")}"]).ToList();
        var log = file.GetProperty("log").EnumerateArray().Select(one => (string[])[Of(one, "at"), Of(one, "source"), Of(one, "platform"), Of(one, "decision"), Of(one, "reason")]).ToList();
        return lines + (purchases.Count > 0 ? "\n" + Columns.Align(purchases) : "") + (log.Count > 0 ? "\n" + Columns.Align(log) : "");
    }

    private static string Of(JsonElement json, string name) => json.GetProperty(name).GetString() ?? "-";
}

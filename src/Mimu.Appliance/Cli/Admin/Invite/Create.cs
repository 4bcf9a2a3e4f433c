using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mimu.Appliance.Configuration;
using Mimu.Core.Invites;

namespace Mimu.Appliance.Cli.Admin.Invite;

/// <summary><c>mimu admin invite create</c>: makes an invitation and tells its code, this one time (protocol section 15).</summary>
internal static class Create
{
    private static readonly TimeSpan _usualLifetime = TimeSpan.FromDays(7);

    public static Command Command()
    {
        var uses = new Option<int>("--uses")
        {
            Description = "How many people may register with it.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var expires = new Option<TimeSpan>("--expires")
        {
            Description = "How long it is good: 30m, 12h, 7d. [default: 7d]",
            HelpName = "DURATION",
            CustomParser = ReadDuration,
        };
        var publicId = new Option<string?>("--public-id")
        {
            Description = "The only name that may be registered with it.",
            HelpName = "NAME",
        };
        return new Command("create", "Make an invitation. Its code is shown this one time.\nExample: mimu admin invite create --uses 5 --expires 7d") { uses, expires, publicId }
            .Asks("/invite/create", parsed => new JsonObject
            {
                ["uses"] = parsed.GetValue(uses),
                ["expires_in"] = (long)(parsed.GetResult(expires) is null ? _usualLifetime : parsed.GetValue(expires)).TotalSeconds,
                ["public_id"] = parsed.GetValue(publicId),
            }, Text);
    }

    private static TimeSpan ReadDuration(ArgumentResult argument)
    {
        var value = TimeSpan.Zero;
        var kind = new DurationKind(TimeSpan.FromSeconds(1), CreateInviteCommand.MaxLifetime);
        if (kind.Read(new RawValue.Words(argument.Tokens[0].Value), ref value) is { } problem)
        {
            argument.AddError($"--expires: {problem}.");
        }
        return value;
    }

    private static string Text(JsonElement made) => Columns.Align(
    [
        ["code", made.GetProperty("code").GetString()!],
        ["uses", made.GetProperty("uses").GetRawText()],
        ["expires at", made.GetProperty("expires_at").GetString()!],
    ]);
}

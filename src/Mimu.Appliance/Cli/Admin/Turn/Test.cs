using System.CommandLine;
using System.Text;
using System.Text.Json;
using Mimu.Appliance.Calls.Turn;
using Mimu.Appliance.Configuration;
using Mimu.Core.Calls;

namespace Mimu.Appliance.Cli.Admin.Turn;

/// <summary><c>mimu admin turn test</c>: asks the TURN servers of the settings for what clients will ask them for. By itself, whether a server runs or not.</summary>
internal static class Test
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);

    public static Command Command()
    {
        var command = new Command("test", "Allocate a relay on each server of calls.turn_uris with each secret, and say what fails; exit code 1 if anything does.\nExample: mimu admin turn test");
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        if (!Surroundings.TryRead(parsed.GetValue(AdminVerbCommand.Config), out var settings))
        {
            return ExitCodes.Configuration;
        }
        var calls = settings.Options!.Calls;
        if (calls.TurnUris.Length == 0)
        {
            await error.WriteLineAsync("mimu: There is nothing to test: calls.turn_uris names no server.");
            return ExitCodes.Configuration;
        }
        var findings = await FindAsync(calls, cancellation);
        await output.WriteAsync(parsed.GetValue(AdminVerbCommand.Json) ? Json(findings) : Text(findings));
        return findings.Exists(finding => finding.IsFault) ? ExitCodes.Failed : ExitCodes.Ok;
    }

    private static async Task<List<TurnFinding>> FindAsync(CallsOptions calls, CancellationToken cancellation)
    {
        var (test, secrets) = (new TurnTest(TimeProvider.System, _patience), TurnSettings.ReadSecrets(calls.TurnSecret));
        var findings = new List<TurnFinding>();
        foreach (var uri in calls.TurnUris)
        {
            findings.AddRange(await test.RunAsync(TurnUri.Parse(uri), secrets, cancellation));
        }
        return findings;
    }

    private static string Text(List<TurnFinding> findings) => Columns.Align([.. findings.Select(finding => (string[])
    [
        finding.Outcome is TurnOutcome.NotTested ? "skipped" : finding.IsFault ? "FAILED" : "ok",
        finding.Uri,
        finding.Address?.ToString() ?? "",
        finding.Secret is { } secret && findings.Exists(other => other.Secret > 1) ? $"secret {secret}" : "",
        finding.Detail,
    ])]);

    private static string Json(List<TurnFinding> findings)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteStartArray("servers"u8);
            foreach (var finding in findings)
            {
                writer.WriteStartObject();
                writer.WriteString("uri"u8, finding.Uri);
                writer.WriteString("address"u8, finding.Address?.ToString());
                if (finding.Secret is { } secret)
                {
                    writer.WriteNumber("secret"u8, secret);
                }
                else
                {
                    writer.WriteNull("secret"u8);
                }
                writer.WriteBoolean("ok"u8, !finding.IsFault);
                writer.WriteString("outcome"u8, JsonNamingPolicy.SnakeCaseLower.ConvertName(finding.Outcome.ToString()));
                writer.WriteString("detail"u8, finding.Detail);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return $"{Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length)}\n";
    }
}

using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mimu.Core;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Cli.Admin;

/// <summary>What the verbs of <c>mimu admin</c> have in common: asking, and saying what was answered.</summary>
internal static class AdminVerbCommand
{
    /// <summary>The option <c>--config</c>, of every verb.</summary>
    public static readonly Option<string?> Config = Recursive(Surroundings.ConfigOption());

    /// <summary>The option <c>--json</c>, of every verb.</summary>
    public static readonly Option<bool> Json = Recursive(new Option<bool>("--json") { Description = "Answer with JSON, for programs." });

    /// <summary>Has the command ask for the verb at this path.</summary>
    /// <param name="command">The command.</param>
    /// <param name="path">The path in the table of verbs.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="text">What the answer is for people: lines, each with its end.</param>
    public static Command Asks(this Command command, string path, Func<ParseResult, JsonObject> request, Func<JsonElement, string> text)
    {
        command.SetAction((parsed, cancellation) => RunAsync(parsed, path, request(parsed), text, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, string path, JsonObject request, Func<JsonElement, string> text, CancellationToken cancellation)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        if (!Surroundings.TryRead(parsed.GetValue(Config), out var settings))
        {
            return ExitCodes.Configuration;
        }
        try
        {
            var answer = await Door.AskAsync(settings.Options!, path, Encoding.UTF8.GetBytes(request.ToJsonString()), cancellation);
            if (!answer.Succeeded(out var json, out var refusal))
            {
                return Fail(error, SentenceOf(refusal), ExitCodeOf(refusal));
            }
            using var document = JsonDocument.Parse(json);
            await output.WriteAsync(parsed.GetValue(Json) ? $"{Encoding.UTF8.GetString(json)}\n" : text(document.RootElement));
            return ExitCodes.Ok;
        }
        catch (StorageRefusedException e)
        {
            return Fail(error, e.Reason is StorageRefusal.InUse
                ? $"{e.Message} It does not listen on {settings.Options!.AdminSocketPath}: it is about to start or stop, or has another admin.socket."
                : e.Message, ExitCodes.Of(e.Reason));
        }
        catch (UnauthorizedAccessException e)
        {
            return Fail(error, e.Message, ExitCodes.NoPermission);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or StorageFullException or StorageUnavailableException)
        {
            return Fail(error, $"The server did not answer: {e.Message}", ExitCodes.TemporaryFailure);
        }
    }

    private static Option<T> Recursive<T>(Option<T> option)
    {
        option.Recursive = true;
        return option;
    }

    private static int Fail(TextWriter error, string sentence, int code)
    {
        error.WriteLine($"mimu: {sentence}");
        return code;
    }

    private static string SentenceOf(Error refusal) => refusal is ValidationFailed validation
        ? $"{string.Join("; ", validation.Faults.Select(fault => $"{fault.Path} {fault.Sentence}"))}."
        : refusal.Detail;

    private static int ExitCodeOf(Error refusal) => refusal.Code switch
    {
        "validation_failed" => ExitCodes.Usage,
        "unavailable" or "insufficient_storage" => ExitCodes.TemporaryFailure,
        _ => ExitCodes.Failed,
    };
}

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
    public static Command Asks(this Command command, string path, Func<ParseResult, JsonObject> request, Func<JsonElement, string> text) =>
        command.Talks((talk, cancellation) => talk.AskAsync(path, request(talk.Parsed), cancellation), text);

    /// <summary>Has the command ask for verbs until it has its answer.</summary>
    /// <param name="command">The command.</param>
    /// <param name="ask">Asks, and gives the answer for programs.</param>
    /// <param name="text">What the answer is for people: lines, each with its end.</param>
    /// <param name="exitCode">Which exit code goes with an answer; null for always 0.</param>
    public static Command Talks(
        this Command command, Func<AdminTalk, CancellationToken, Task<byte[]>> ask, Func<JsonElement, string> text, Func<JsonElement, int>? exitCode = null)
    {
        command.SetAction((parsed, cancellation) => RunAsync(parsed, ask, text, exitCode ?? (_ => ExitCodes.Ok), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        ParseResult parsed, Func<AdminTalk, CancellationToken, Task<byte[]>> ask, Func<JsonElement, string> text, Func<JsonElement, int> exitCode, CancellationToken cancellation)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        if (!Surroundings.TryRead(parsed.GetValue(Config), out var settings))
        {
            return ExitCodes.Configuration;
        }
        try
        {
            await using var door = await Door.OpenAsync(settings.Options!, cancellation);
            var json = await ask(new AdminTalk(door, parsed, error), cancellation);
            using var document = JsonDocument.Parse(json);
            await output.WriteAsync(parsed.GetValue(Json) ? $"{Encoding.UTF8.GetString(json)}\n" : text(document.RootElement));
            return exitCode(document.RootElement);
        }
        catch (RefusedException e)
        {
            return Fail(error, SentenceOf(e.Refusal), ExitCodeOf(e.Refusal));
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

/// <summary>A command's talk with the server, or with the data while none runs.</summary>
/// <param name="door">The way there.</param>
/// <param name="parsed">The command line.</param>
/// <param name="error">Where progress is told.</param>
internal sealed class AdminTalk(Door door, ParseResult parsed, TextWriter error)
{
    public ParseResult Parsed => parsed;

    /// <summary>Whether a server runs.</summary>
    public bool IsServer => door.IsServer;

    /// <summary>What the verb at this path answers: JSON.</summary>
    /// <exception cref="RefusedException">It refuses.</exception>
    public async Task<byte[]> AskAsync(string path, JsonObject request, CancellationToken cancellation) =>
        (await door.AskAsync(path, Encoding.UTF8.GetBytes(request.ToJsonString()), cancellation)).Succeeded(out var json, out var refusal) ? json : throw new RefusedException(refusal);

    /// <summary>Says how far it is, to people alone.</summary>
    public void Tell(string line)
    {
        if (!parsed.GetValue(AdminVerbCommand.Json))
        {
            error.WriteLine(line);
        }
    }
}

/// <summary>The server does not do what it was asked.</summary>
internal sealed class RefusedException(Error refusal) : Exception(refusal.Detail)
{
    public Error Refusal => refusal;
}

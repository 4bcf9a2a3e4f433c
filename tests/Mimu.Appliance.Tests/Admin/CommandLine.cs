using System.Text.Json.Nodes;
using Mimu.Appliance.Cli;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Admin;

/// <summary><c>mimu admin</c> as an administrator types it.</summary>
internal sealed class CommandLine(string dataDirectory)
{
    public static CommandLine Of(Host host) => new(host.DataDirectory);

    /// <summary>What was said on standard output and error, and the exit code.</summary>
    public async Task<(int Code, string Output, string Error)> RunAsync(params string[] words)
    {
        var config = Path.Combine(dataDirectory, "cli.toml");
        await File.WriteAllTextAsync(config, $"[server]\ndata_dir = \"{dataDirectory}\"\n");
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await Deadline.For($"mimu {string.Join(' ', words)}", Root.RunAsync([.. words, "--config", config], output, error));
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>What was answered with <c>--json</c>, when all went well.</summary>
    public async Task<JsonObject> AskAsync(params string[] words)
    {
        var (code, output, error) = await RunAsync([.. words, "--json"]);
        Assert.True(code == 0, $"mimu {string.Join(' ', words)} ended with {code}: {error}");
        Assert.Empty(error);
        return JsonNode.Parse(output)!.AsObject();
    }

    /// <summary>A refusal: nothing on standard output, one sentence on standard error.</summary>
    public async Task<string> ExpectRefusalAsync(int exitCode, params string[] words)
    {
        var (code, output, error) = await RunAsync(words);
        Assert.Equal(exitCode, code);
        Assert.Empty(output);
        Assert.StartsWith("mimu: ", error, StringComparison.Ordinal);
        Assert.Equal(error.Length - 1, error.IndexOf('\n', StringComparison.Ordinal));
        return error;
    }
}

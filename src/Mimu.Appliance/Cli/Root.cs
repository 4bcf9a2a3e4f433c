using System.CommandLine;
using Mimu.Appliance.Configuration;

namespace Mimu.Appliance.Cli;

/// <summary>The command line: <c>mimu VERB</c>.</summary>
internal static class Root
{
    /// <summary>Runs what the command line asks for; answers with the exit code.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("Mimu, a self-hosted server for end-to-end-encrypted messengers.")
        {
            Serve.Command(),
            ConfigCommand(),
            Demo.Command(),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count == 0)
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
        }
        // The default action says what is wrong and what may have been meant.
        await parsed.InvokeAsync(new InvocationConfiguration { Output = Console.Error });
        return ExitCodes.Usage;
    }

    /// <summary>Where data lies by the settings, for a kernel that lets no memory be executed and libraries must be put down somewhere.</summary>
    public static string DataDirectory() =>
        ConfigurationReader.Read(Environment.GetEnvironmentVariable("MIMU_CONFIG"), Surroundings.Environment(), Environment.CurrentDirectory).Options is { } options
            ? options.Server.DataDir
            : new MimuOptions().Server.DataDir;

    private static Command ConfigCommand() => new("config", "Check, show and explain the settings.")
    {
        Config.Check.Command(),
        Config.Show.Command(),
        Config.Example.Command(),
    };
}

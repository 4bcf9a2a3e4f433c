using System.CommandLine;
using Mimu.Appliance.Configuration;

namespace Mimu.Appliance.Cli;

/// <summary>The command line: <c>mimu VERB</c>.</summary>
internal static class Root
{
    /// <summary>Runs what the command line asks for; answers with the exit code.</summary>
    /// <param name="args">The command line without the program.</param>
    /// <param name="output">Where answers go; null for the console.</param>
    /// <param name="error">Where what went wrong is said; null for the console.</param>
    public static async Task<int> RunAsync(string[] args, TextWriter? output = null, TextWriter? error = null)
    {
        (output, error) = (output ?? Console.Out, error ?? Console.Error);
        var root = new RootCommand("Mimu, a self-hosted server for end-to-end-encrypted messengers.")
        {
            Serve.Command(),
            ConfigCommand(),
            AdminCommand(),
            Demo.Command(),
        };
        var parsed = root.Parse(args);
        if (parsed.Errors.Count == 0)
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null, Output = output, Error = error });
        }
        // The default action says what is wrong and what may have been meant.
        await parsed.InvokeAsync(new InvocationConfiguration { Output = error, Error = error });
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

    private static Command AdminCommand() => new("admin", "Look after a server: the running one over its socket, or its data directory while it does not run.")
    {
        Admin.AdminVerbCommand.Config,
        Admin.AdminVerbCommand.Json,
        new Command("invite", "Invitations to register, for registration.mode = \"invite\".")
        {
            Admin.Invite.Create.Command(),
            Admin.Invite.List.Command(),
            Admin.Invite.Revoke.Command(),
        },
        new Command("user", "Accounts.")
        {
            Admin.User.Disable.Command(),
            Admin.User.Enable.Command(),
        },
        new Command("media", "Files.")
        {
            Admin.Media.Stats.Command(),
            Admin.Media.CleanUp.Command(),
            Admin.Media.Verify.Command(),
            Admin.Media.Migrate.Command(),
        },
        new Command("push", "Notifications to phones and browsers.")
        {
            Admin.Push.Queue.Command(),
            Admin.Push.Test.Command(),
        },
        new Command("subscription", "Who is premium, for subscriptions.mode = \"stores\".")
        {
            Admin.Subscription.Show.Command(),
            Admin.Subscription.Grant.Command(),
            Admin.Subscription.Revoke.Command(),
        },
        new Command("turn", "The servers that relay calls.")
        {
            Admin.Turn.Test.Command(),
        },
        new Command("token-key", "The keys that sign access tokens.")
        {
            Admin.TokenKey.Rotate.Command(),
        },
        new Command("media-key", "The keys that sign the URLs of files in the built-in store.")
        {
            Admin.MediaKey.Rotate.Command(),
        },
    };
}

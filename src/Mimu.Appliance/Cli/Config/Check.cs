using System.CommandLine;

namespace Mimu.Appliance.Cli.Config;

/// <summary><c>mimu config check</c>: says what is wrong with the settings, all of it at once.</summary>
internal static class Check
{
    public static Command Command()
    {
        var config = Surroundings.ConfigOption();
        var command = new Command("check", "Say what is wrong with the settings; exit code 78 if anything is.") { config };
        command.SetAction(parsed =>
        {
            if (!Surroundings.TryRead(parsed.GetValue(config), out var result))
            {
                return ExitCodes.Configuration;
            }
            Console.Out.WriteLine(result.Source is { } source ? $"{source} is sound." : "There is no settings file; the defaults are sound.");
            return ExitCodes.Ok;
        });
        return command;
    }
}

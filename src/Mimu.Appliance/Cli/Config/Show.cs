using System.CommandLine;
using Mimu.Appliance.Configuration;

namespace Mimu.Appliance.Cli.Config;

/// <summary><c>mimu config show</c>: the settings in force, with secrets masked.</summary>
internal static class Show
{
    public static Command Command()
    {
        var config = Surroundings.ConfigOption();
        var command = new Command("show", "Print the settings in force, secrets masked.") { config };
        command.SetAction(parsed =>
        {
            if (!Surroundings.TryRead(parsed.GetValue(config), out var result))
            {
                return ExitCodes.Configuration;
            }
            Console.Out.Write(ConfigurationText.Show(result.Options!));
            return ExitCodes.Ok;
        });
        return command;
    }
}

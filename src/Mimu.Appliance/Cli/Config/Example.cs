using System.CommandLine;
using Mimu.Appliance.Configuration;

namespace Mimu.Appliance.Cli.Config;

/// <summary><c>mimu config example</c>: every setting with its default and what it means.</summary>
internal static class Example
{
    public static Command Command()
    {
        var command = new Command("example", "Print a settings file with every setting, its default and what it means.");
        command.SetAction(_ =>
        {
            Console.Out.Write(ConfigurationText.Example());
            return ExitCodes.Ok;
        });
        return command;
    }
}

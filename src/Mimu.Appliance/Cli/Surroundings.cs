using System.Collections;
using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using Mimu.Appliance.Configuration;

namespace Mimu.Appliance.Cli;

/// <summary>What verbs have in common: the settings, from wherever they come.</summary>
internal static class Surroundings
{
    /// <summary>The option <c>--config</c>.</summary>
    public static Option<string?> ConfigOption() => new("--config", "-c")
    {
        Description = "The settings' file. Without it: $MIMU_CONFIG, ./mimu.toml, /etc/mimu/mimu.toml, or the defaults.",
        HelpName = "PATH",
    };

    /// <summary>Reads the settings; when they are not sound, says so line by line.</summary>
    public static bool TryRead(string? path, [NotNullWhen(true)] out ConfigurationResult? result)
    {
        result = ConfigurationReader.Read(path, Environment(), System.Environment.CurrentDirectory);
        foreach (var fault in result.Faults)
        {
            Console.Error.WriteLine(fault);
        }
        return result.IsSound;
    }

    public static IReadOnlyDictionary<string, string> Environment()
    {
        var variables = new Dictionary<string, string>();
        foreach (DictionaryEntry variable in System.Environment.GetEnvironmentVariables())
        {
            variables[(string)variable.Key] = (string?)variable.Value ?? "";
        }
        return variables;
    }
}

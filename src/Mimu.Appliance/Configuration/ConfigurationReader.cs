namespace Mimu.Appliance.Configuration;

/// <summary>
/// Reads the settings: the defaults, over them the file, over it the environment. Every fault is told at once, and nothing
/// is thrown, whatever the file or the environment holds.
/// </summary>
internal static class ConfigurationReader
{
    /// <summary>Where packages put the settings.</summary>
    public const string SystemFile = "/etc/mimu/mimu.toml";

    private const string LocalFile = "mimu.toml";

    /// <summary>systemd's name for the directory that it made for the unit (systemd.exec(5), StateDirectory=); several are separated by colons.</summary>
    private const string StateDirectory = "STATE_DIRECTORY";

    private const int MaxFileBytes = 256 << 10;
    private const int MaxSecretBytes = 64 << 10;

    /// <param name="explicitPath">The file that the command line names; null if it names none.</param>
    /// <param name="environment">The process's environment variables.</param>
    /// <param name="workingDirectory">What relative paths are relative to; that of the process outside tests.</param>
    /// <param name="systemFile">The last file to look for; tests have another.</param>
    public static ConfigurationResult Read(
        string? explicitPath, IReadOnlyDictionary<string, string> environment, string workingDirectory, string systemFile = SystemFile)
    {
        var draft = new ConfigurationDraft();
        if (environment.TryGetValue(StateDirectory, out var directories) && directories.Split(':')[0] is { Length: > 0 } directory)
            draft.Options.Server.DataDir = directory;

        var source = ReadFile(explicitPath, environment, workingDirectory, systemFile, draft);
        EnvironmentReader.Read(environment, draft);
        ReadSecrets(draft, workingDirectory);
        ConfigurationChecks.Run(draft, path => TextFile.Probe(Path.Combine(workingDirectory, path)), path =>
            (TextFile.Read(Path.Combine(workingDirectory, path), MaxSecretBytes, out var text, out _), text));
        return draft.ToResult(source);
    }

    /// <summary>Finds and reads the file; returns its full path, or null if there is none.</summary>
    private static string? ReadFile(
        string? explicitPath, IReadOnlyDictionary<string, string> environment, string workingDirectory, string systemFile, ConfigurationDraft draft)
    {
        if (explicitPath is not null)
            return ReadNamed(explicitPath, "the command line", workingDirectory, draft);
        if (environment.TryGetValue(EnvironmentReader.FileVariable, out var named) && named.Length > 0)
            return ReadNamed(named, EnvironmentReader.FileVariable, workingDirectory, draft);

        foreach (var file in new[] { LocalFile, systemFile })
        {
            var path = Path.Combine(workingDirectory, file);
            if (ReadIfThere(file, path, draft))
                return path;
        }
        return null;
    }

    private static string? ReadNamed(string file, string by, string workingDirectory, ConfigurationDraft draft)
    {
        // Combine and not GetFullPath, which throws for what is no path at all; opening the file says so in good order.
        var path = Path.Combine(workingDirectory, file);
        if (file.Length > 0 && ReadIfThere(file, path, draft))
            return path;
        draft.Fault(Place.InFile(file.Length > 0 ? file : "\"\"", 0), "", $"{TextFile.Missing}; {by} names it");
        return null;
    }

    /// <summary>False when there is no such file; one that is there but can't be read is a fault.</summary>
    private static bool ReadIfThere(string file, string path, ConfigurationDraft draft)
    {
        switch (TextFile.Read(path, MaxFileBytes, out var text, out var line))
        {
            case TextFile.Missing:
                return false;
            case null:
                new TomlReader(file, draft).Read(text);
                return true;
            case { } problem:
                draft.Fault(Place.InFile(file, line), "", line > 0 ? problem : $"cannot be read: {problem}");
                return true;
        }
    }

    private static void ReadSecrets(ConfigurationDraft draft, string workingDirectory)
    {
        foreach (var setting in Settings.All)
        {
            if (setting is SecretSetting secret)
                ReadSecret(secret, draft, workingDirectory);
        }
    }

    private static void ReadSecret(SecretSetting secret, ConfigurationDraft draft, string workingDirectory)
    {
        ref var value = ref secret.In(draft.Options);
        ref var file = ref secret.Twin.In(draft.Options);
        if (value.Length > 0 && file.Length > 0)
        {
            // The environment overrides the file, in whichever of the two ways each of them gives the secret.
            var valueFromVariable = draft.PlaceOf(secret.Key).IsVariable;
            var fileFromVariable = draft.PlaceOf(secret.Twin.Key).IsVariable;
            if (valueFromVariable && !fileFromVariable)
                file = "";
            else if (fileFromVariable && !valueFromVariable)
                value = "";
            else
                draft.Fault(secret.Twin.Key, $"given beside {secret.Key}; expected one of the two");
        }
        if (file.Length == 0 || value.Length > 0 || !draft.AreSound(secret.Twin.Key))
            return;

        var problem = TextFile.Read(Path.Combine(workingDirectory, file), MaxSecretBytes, out var text, out _);
        if (problem is null && (text = WithoutLastNewline(text)).Length == 0)
            problem = "empty";
        if (problem is null)
            value = text;
        else
            draft.Fault(secret.Twin.Key, $"{OneLine.QuotePath(file)} cannot be used: {problem}");
    }

    /// <summary>Editors and echo end a file with a newline that is no part of the secret.</summary>
    private static string WithoutLastNewline(string text) =>
        text.EndsWith("\r\n", StringComparison.Ordinal) ? text[..^2] : text.EndsWith('\n') ? text[..^1] : text;
}

namespace Mimu.Appliance.Configuration;

/// <summary>Reads the environment's overrides, <c>MIMU_SERVER__LISTEN</c> and the like, into the draft.</summary>
internal static class EnvironmentReader
{
    /// <summary>Names the settings file; the one variable that is not a setting.</summary>
    public const string FileVariable = "MIMU_CONFIG";

    public static void Read(IReadOnlyDictionary<string, string> environment, ConfigurationDraft draft)
    {
        foreach (var (variable, value) in environment)
        {
            if (!variable.StartsWith(Setting.VariablePrefix, StringComparison.Ordinal) || variable == FileVariable || IsFromKubernetes(variable, value))
                continue;

            var place = Place.InVariable(variable);
            if (Settings.TryFindVariable(variable, out var setting))
                draft.Set(setting, new RawValue.Words(value), place);
            else
                draft.Fault(place, variable, Unknown(variable));
        }
    }

    private static string Unknown(string variable)
    {
        // Compared as settings, so that MIMU_SERVER_LISTEN is one letter from server.listen.
        var key = variable[Setting.VariablePrefix.Length..].Replace("__", ".", StringComparison.Ordinal).ToLowerInvariant();
        if (Settings.Tables.Contains(key))
            return $"is a table, not a setting; expected a variable for each of its settings, {Setting.VariableOf(key)}__…";
        return $"unknown setting; {Nearest.Suggest(key, Settings.All.Select(setting => setting.Key), Setting.VariableOf)}";
    }

    /// <summary>
    /// Kubernetes tells each pod of every service in variables made from the service's name, so one called "mimu" gives
    /// MIMU_SERVICE_HOST, MIMU_PORT=tcp://… and MIMU_PORT_8080_TCP_ADDR to Mimu. Settings have two underscores in a row; these never do.
    /// </summary>
    private static bool IsFromKubernetes(string variable, string value)
    {
        if (variable.Contains("__", StringComparison.Ordinal))
            return false;
        if (variable.EndsWith("_SERVICE_HOST", StringComparison.Ordinal) || variable.Contains("_SERVICE_PORT", StringComparison.Ordinal))
            return true;
        if (variable.EndsWith("_PORT", StringComparison.Ordinal))
            return value.Contains("://", StringComparison.Ordinal);
        var port = variable.IndexOf("_PORT_", StringComparison.Ordinal);
        return port >= 0 && variable.AsSpan(port + "_PORT_".Length) is [>= '0' and <= '9', ..];
    }
}

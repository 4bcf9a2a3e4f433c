namespace Mimu.Appliance.Configuration;

/// <summary>The place of a setting in the options.</summary>
internal delegate ref T Field<T>(MimuOptions options);

/// <summary>One setting: its name, where it is kept and what it may hold.</summary>
internal abstract class Setting(string table, string name)
{
    public const string VariablePrefix = "MIMU_";

    /// <summary>The TOML table that it stands in: <c>limits.rates</c>.</summary>
    public string Table { get; } = table;

    /// <summary>Its name within the table: <c>enabled</c>, <c>send.burst</c>.</summary>
    public string Name { get; } = name;

    /// <summary>Both: <c>limits.rates.send.burst</c>.</summary>
    public string Key { get; } = $"{table}.{name}";

    /// <summary>The environment variable that overrides it: <c>MIMU_LIMITS__RATES__SEND__BURST</c>.</summary>
    public string Variable { get; } = VariableOf($"{table}.{name}");

    public static string VariableOf(string key) => VariablePrefix + key.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant();

    /// <summary>Puts the value into the options, or says what is wrong with it.</summary>
    public abstract string? Read(MimuOptions options, RawValue raw);

    /// <summary>The value as TOML; a secret is masked.</summary>
    public abstract string Write(MimuOptions options);

    /// <summary>The value if it is the path of a file that must be there, and one is given; else null.</summary>
    public abstract string? RequiredFile(MimuOptions options);
}

/// <inheritdoc/>
internal class Setting<T>(string table, string name, Field<T> field, Kind<T> kind) : Setting(table, name)
{
    public ref T In(MimuOptions options) => ref field(options);

    public override string? Read(MimuOptions options, RawValue raw) => kind.Read(raw, ref field(options));

    public override string Write(MimuOptions options) => kind.Write(field(options));

    public override string? RequiredFile(MimuOptions options) =>
        kind is FileKind && field(options) is string { Length: > 0 } path ? path : null;
}

/// <summary>A secret; another setting, its twin, may name a file to read it from.</summary>
internal sealed class SecretSetting(string table, string name, Field<string> field, Setting<string> twin)
    : Setting<string>(table, name, field, new SecretKind())
{
    public Setting<string> Twin { get; } = twin;
}

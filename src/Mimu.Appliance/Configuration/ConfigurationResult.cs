using System.Diagnostics.CodeAnalysis;

namespace Mimu.Appliance.Configuration;

/// <summary>The settings, or everything that is wrong with them.</summary>
/// <param name="Options">The effective settings; null when there are faults.</param>
/// <param name="Source">The full path of the file that was read; null when there was none.</param>
/// <param name="Faults">What is wrong: the file's faults in the order of its lines, then the environment's by name.</param>
internal sealed record ConfigurationResult(MimuOptions? Options, string? Source, IReadOnlyList<ConfigurationFault> Faults)
{
    [MemberNotNullWhen(true, nameof(Options))]
    public bool IsSound => Options is not null;
}

/// <summary>One fault; its text is one line: <c>mimu.toml:7: server.lissten: unknown setting; did you mean server.listen?</c></summary>
internal sealed record ConfigurationFault(Place Place, string Key, string What)
{
    public override string ToString() => Key.Length > 0 && !Place.IsVariable ? $"{Place}: {OneLine.Escape(Key)}: {What}" : $"{Place}: {What}";
}

/// <summary>Where a setting was given.</summary>
/// <param name="Source">The file as it was named, or the environment variable.</param>
/// <param name="Line">The file's line from 1; 0 for the file as a whole and for a variable.</param>
/// <param name="IsVariable">Whether it is an environment variable.</param>
internal readonly record struct Place(string Source, int Line, bool IsVariable)
{
    public static Place InFile(string file, int line) => new(file, line, false);

    public static Place InVariable(string variable) => new(variable, 0, true);

    public override string ToString() => Line > 0 ? $"{OneLine.EscapePath(Source)}:{Line}" : OneLine.EscapePath(Source);
}

namespace Mimu.Appliance.Configuration;

/// <summary>Settings while they are being read: the options so far, where each setting came from, and the faults.</summary>
internal sealed class ConfigurationDraft
{
    private readonly Dictionary<string, Place> _given = new(StringComparer.Ordinal);
    private readonly HashSet<string> _faulty = new(StringComparer.Ordinal);
    private readonly List<ConfigurationFault> _faults = [];

    public MimuOptions Options { get; } = new();

    /// <summary>Whether there are more faults than anyone reads: what is being read is no settings file.</summary>
    public bool IsFull => _faults.Count >= 100;

    /// <summary>Gives the setting a value; what was given before is overridden.</summary>
    public void Set(Setting setting, RawValue value, Place place)
    {
        _given[setting.Key] = place;
        if (setting.Read(Options, value) is { } problem)
            Fault(place, setting.Key, problem);
    }

    public void Fault(Place place, string key, string what)
    {
        _faulty.Add(key);
        _faults.Add(new ConfigurationFault(place, key, what));
    }

    /// <summary>A fault of a setting, told where the setting was given.</summary>
    public void Fault(string key, string what) => Fault(_given[key], key, what);

    public bool IsGiven(string key) => _given.ContainsKey(key);

    public Place PlaceOf(string key) => _given[key];

    /// <summary>Whether none of the settings is at fault by itself; if one is, checks of them together would only add noise.</summary>
    public bool AreSound(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (_faulty.Contains(key))
                return false;
        }
        return true;
    }

    public ConfigurationResult ToResult(string? source)
    {
        if (_faults.Count == 0)
            return new ConfigurationResult(Options, source, []);
        // A stable sort: faults of one line stay in the order in which they were found.
        var sorted = _faults.OrderBy(fault => fault.Place.IsVariable).ThenBy(fault => fault.Place.Line).ThenBy(fault => fault.Place.Source, StringComparer.Ordinal);
        return new ConfigurationResult(null, source, [.. sorted]);
    }
}

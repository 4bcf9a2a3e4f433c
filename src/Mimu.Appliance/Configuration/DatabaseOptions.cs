namespace Mimu.Appliance.Configuration;

/// <summary><c>[database]</c>: the SQLite database.</summary>
internal sealed class DatabaseOptions
{
    /// <summary>The database file. "": in the data directory, see <see cref="MimuOptions.DatabasePath"/>.</summary>
    public string Path = "";

    /// <summary>What an acknowledged write survives.</summary>
    public Synchronous Synchronous = Synchronous.Full;
}

/// <summary>SQLite's <c>PRAGMA synchronous</c> in WAL mode.</summary>
internal enum Synchronous
{
    /// <summary>An acknowledged write survives a power cut.</summary>
    Full,

    /// <summary>An acknowledged write survives a crash of the process, not of the machine.</summary>
    Normal,
}

using System.Net;
using Mimu.Bench.Load;
using Mimu.Bench.Measure;

namespace Mimu.Bench.Server;

/// <summary>What the server spends on a password.</summary>
internal enum Hashing
{
    /// <summary>As little as it can, where passwords are not what is measured.</summary>
    Cheap,

    /// <summary>What it does by default.</summary>
    Default,
}

/// <summary>The published server as its own process, with a data directory of its own that goes when it stops.</summary>
internal sealed class MimuServer : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly TemporaryDirectory? _ownDirectory;

    private MimuServer(ChildProcess process, IPEndPoint address, TemporaryDirectory? ownDirectory)
    {
        _process = process;
        _ownDirectory = ownDirectory;
        Address = address;
    }

    public IPEndPoint Address { get; }

    public ProcessMeter Meter => _process.Meter;

    public TimeSpan StartTime => _process.StartTime;

    /// <summary>Starts it and waits until it is healthy.</summary>
    /// <param name="program">The executable.</param>
    /// <param name="dataRoot">Where a fresh data directory is made.</param>
    /// <param name="hashing">What a password costs.</param>
    /// <param name="settings">More settings, as TOML.</param>
    public static async Task<MimuServer> StartAsync(string program, string dataRoot, Hashing hashing = Hashing.Cheap, string settings = "")
    {
        var directory = new TemporaryDirectory(dataRoot);
        try
        {
            return await StartInAsync(program, directory.Path, directory, hashing, settings);
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Starts it on a directory of the caller's, which stays.</summary>
    public static async Task<MimuServer> StartInAsync(string program, string directory, TemporaryDirectory? ownDirectory = null, Hashing hashing = Hashing.Cheap, string settings = "")
    {
        IPEndPoint address = ChildProcess.FreeAddress();
        string config = Path.Combine(directory, "bench.toml");
        await File.WriteAllTextAsync(config, Configuration(address, Path.Combine(directory, "data"), hashing, settings));
        var process = ChildProcess.Start("the server", program, ["serve", "--config", config]);
        try
        {
            await process.AwaitHealthAsync(address);
            return new MimuServer(process, address, ownDirectory);
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops it by SIGTERM; an exit code other than 0 is a fault (section 15).</summary>
    public async Task StopAsync(Faults faults)
    {
        bool early = _process.HasExited;
        if (await _process.StopAsync() is { } fault)
            faults.Add(early ? $"the server died under load: {fault}" : fault);
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _ownDirectory?.Dispose();
    }

    /// <summary>
    /// The defaults, except for what would measure something else: the rate limits, which exist to slow senders down, and the cost of
    /// password hashing where only the registrations before the measurement pay it.
    /// </summary>
    private static string Configuration(IPEndPoint address, string data, Hashing hashing, string settings) => $"""
        [server]
        listen = ["{address}"]
        data_dir = "{data}"

        [database]
        synchronous = "full"

        {(hashing is Hashing.Cheap ? "[auth]\nargon2_memory = \"64KiB\"\nargon2_iterations = 1\n" : "")}
        [limits.rates]
        enabled = false

        {settings}
        """;
}

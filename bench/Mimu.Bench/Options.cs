using System.Globalization;

namespace Mimu.Bench;

/// <summary>The command line.</summary>
internal sealed record Options
{
    public const string Help = """
        Mimu.Bench: measures the published server against floors. Run it from the repository.

          --server PATH          the executable (default: out/mimu)
          --scenario A,B         only these (default: all)
          --seconds N            measured time of a scenario (default: 5)
          --rounds N             whole rounds; the table has the medians (default: 1; the official table: 5)
          --json FILE            where the results go (default: bench/results/<time>.json)
          --data-root DIR        where data directories are made (default: the temporary directory)
          --payload BYTES        decoded size of a message (default: 512)
          --idle N               sockets of the scenario "idle" (default: 10000)
          --client-message-ids   send a client_message_id with each message, as a client that repeats would
          --no-floors            leave the floors out, and so the ratios
          --floors-only          only the floors; needs no server
          --quick                tiny numbers: shows that the bench works, measures nothing
          --list                 the scenarios

        Exit codes: 0 all messages arrived exactly once; 1 the server did something wrong; 2 the bench could not run at all.
        """;

    public string Server { get; private set; } = Path.Combine(RepositoryRoot(), "out", "mimu");

    /// <summary>Names; empty means all.</summary>
    public IReadOnlyList<string> Scenarios { get; private set; } = [];

    public double Seconds { get; private set; } = 5;

    public int Rounds { get; private set; } = 1;

    public string Json { get; private set; } = Path.Combine(
        RepositoryRoot(), "bench", "results", TimeProvider.System.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture) + ".json");

    public string DataRoot { get; private set; } = Path.GetTempPath();

    public int PayloadBytes { get; private set; } = 512;

    public int IdleSockets { get; private set; } = 10_000;

    public bool ClientMessageIds { get; private set; }

    public bool NoFloors { get; private set; }

    public bool FloorsOnly { get; private set; }

    public bool Quick { get; private set; }

    public bool List { get; private set; }

    public bool IsHelp { get; private set; }

    public TimeSpan Measured => TimeSpan.FromSeconds(Seconds);

    /// <summary>Long enough for the just-in-time compiler of client and floors to be done with what is hot.</summary>
    public TimeSpan WarmUp => TimeSpan.FromSeconds(Quick ? 0.2 : 2);

    public static Options Parse(string[] arguments)
    {
        var options = new Options();
        if (arguments.Contains("--quick"))
            (options.Quick, options.Seconds, options.IdleSockets) = (true, 0.5, 50);
        for (int i = 0; i < arguments.Length; i++)
        {
            string name = arguments[i];
            string Value() => ++i < arguments.Length ? arguments[i] : throw new BenchException($"{name} needs a value");
            switch (name)
            {
                case "--server":
                    options.Server = Path.GetFullPath(Value());
                    break;
                case "--scenario":
                    options.Scenarios = Value().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
                    break;
                case "--seconds":
                    options.Seconds = Number(name, Value(), 0.1, 600);
                    break;
                case "--rounds":
                    options.Rounds = (int)Number(name, Value(), 1, 100);
                    break;
                case "--json":
                    options.Json = Value();
                    break;
                case "--data-root":
                    options.DataRoot = Path.GetFullPath(Value());
                    break;
                case "--payload":
                    options.PayloadBytes = (int)Number(name, Value(), 24, 48_000);
                    break;
                case "--idle":
                    options.IdleSockets = (int)Number(name, Value(), 1, 500_000);
                    break;
                case "--client-message-ids":
                    options.ClientMessageIds = true;
                    break;
                case "--no-floors":
                    options.NoFloors = true;
                    break;
                case "--floors-only":
                    options.FloorsOnly = true;
                    break;
                case "--quick":
                    break;
                case "--list":
                    options.List = true;
                    break;
                case "--help" or "-h":
                    options.IsHelp = true;
                    break;
                default:
                    throw new BenchException($"unknown option {name}; --help tells what there is");
            }
        }

        return options;
    }

    private static double Number(string name, string value, double least, double most)
        => double.TryParse(value, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most
            ? number
            : throw new BenchException($"{name} is a number from {least} to {most}");

    /// <summary>The directory above the program that has Mimu.sln; else where we are.</summary>
    private static string RepositoryRoot()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Mimu.sln")))
                return directory.FullName;
        }

        return Directory.GetCurrentDirectory();
    }
}

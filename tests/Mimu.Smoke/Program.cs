using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Mimu.Smoke;

/// <summary>The published program, run as a user runs it.</summary>
internal sealed class Program : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Program(string directory, string binary, IEnumerable<string> arguments, params (string Name, string Value)[] environment)
    {
        // A shell that runs the tests in the background has them ignore SIGINT, and what they start inherits that.
        var start = new ProcessStartInfo("env", ["--default-signal=INT,QUIT", binary, .. arguments])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MIMU_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name);
        }
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Take(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where the published program is: $MIMU_BINARY, or out/mimu above the tests.</summary>
    public static string Binary { get; } = Find();

    public string Output => Read(_output);

    public string Errors => Read(_errors);

    public int Id => _process.Id;

    /// <summary>The most memory that it has ever had resident.</summary>
    public long PeakMegabytes => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    /// <summary>Runs a verb to its end.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(string directory, params string[] arguments) => RunAsync(directory, [], arguments);

    /// <inheritdoc cref="RunAsync(string, string[])"/>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string directory, (string Name, string Value)[] environment, params string[] arguments)
    {
        await using var program = new Program(directory, Binary, arguments, environment);
        return (await program.WaitAsync(), program.Output, program.Errors);
    }

    /// <summary>Starts the server on a free port and waits until it listens.</summary>
    public static Task<(Program Program, Uri Address)> ServeAsync(string directory, params (string Name, string Value)[] environment) =>
        ServeAsync(directory, Binary, environment);

    /// <inheritdoc cref="ServeAsync(string, ValueTuple{string, string}[])"/>
    public static async Task<(Program Program, Uri Address)> ServeAsync(string directory, string binary, params (string Name, string Value)[] environment)
    {
        var program = new Program(directory, binary, ["serve"], [("MIMU_SERVER__LISTEN", "127.0.0.1:0"), ("MIMU_LIMITS__RATES__ENABLED", "false"), .. environment]);
        try
        {
            return (program, await program._address.Task.WaitAsync(_patience));
        }
        catch (TimeoutException)
        {
            await program.DisposeAsync();
            throw new TimeoutException($"The server did not say within {_patience} where it listens. It said: {program.Output}{program.Errors}");
        }
    }

    /// <summary>Sends a signal by its name.</summary>
    public void Signal(string name) => Process.Start("kill", [$"-{name}", $"{_process.Id}"]).WaitForExit();

    /// <summary>SIGKILL, without the time that it takes to start kill(1).</summary>
    public void Kill() => _process.Kill();

    /// <summary>Waits for the end; the exit code.</summary>
    public async Task<int> WaitAsync()
    {
        using var limit = new CancellationTokenSource(_patience);
        try
        {
            await _process.WaitForExitAsync(limit.Token);
            return _process.ExitCode;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The program did not end within {_patience}. It said: {Output}{Errors}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("MIMU_BINARY") is { Length: > 0 } named)
        {
            return File.Exists(named) ? named : throw new FileNotFoundException($"MIMU_BINARY names {named}, which is not there: run `make publish`.");
        }
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var path = Path.Combine(directory.FullName, "out", "mimu");
            if (File.Exists(path))
            {
                return path;
            }
        }
        throw new FileNotFoundException("There is no out/mimu: run `make publish`.");
    }

    private void Take(StringBuilder into, string? line)
    {
        if (line is null)
        {
            return;
        }
        lock (into)
        {
            into.AppendLine(line);
        }
        // "Mimu 0.1.0 listens on http://127.0.0.1:8080."
        if (into == _output && line.Split(" listens on ") is [_, var addresses])
        {
            _address.TrySetResult(new Uri(addresses.Split(',')[0].TrimEnd('.')));
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}

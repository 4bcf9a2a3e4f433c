using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Mimu.Bench.Measure;

namespace Mimu.Bench.Server;

/// <summary>A process under measurement: the server, or a floor. Both are started, waited for, metered and stopped alike.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const int KeptLines = 40;
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    private static readonly ConcurrentDictionary<ChildProcess, bool> Living = [];
    private readonly Process _process;
    private readonly Queue<string> _log = new();
    private readonly string _name;

    private ChildProcess(string name, Process process)
    {
        _name = name;
        _process = process;
        Meter = new ProcessMeter(process.Id, () => Log);
    }

    public ProcessMeter Meter { get; }

    /// <summary>From the call that starts it to the first 200 of /healthz.</summary>
    public TimeSpan StartTime { get; private set; }

    public bool HasExited => _process.HasExited;

    /// <summary>The last lines that it printed.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return string.Join('\n', _log);
        }
    }

    /// <summary>Starts a program. Its standard input stays open as long as this process lives, so that a floor notices our death.</summary>
    public static ChildProcess Start(string name, string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A setting in the environment would override the configuration that is being measured.
        foreach (string key in start.Environment.Keys.Where(key => key.StartsWith("MIMU_", StringComparison.Ordinal)).ToArray())
            start.Environment.Remove(key);
        var process = new Process { StartInfo = start };
        long begun = Stopwatch.GetTimestamp();
        process.Start();
        var child = new ChildProcess(name, process) { _begun = begun };
        Living[child] = true;
        process.OutputDataReceived += child.Keep;
        process.ErrorDataReceived += child.Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Waits for the first 200 of /healthz.</summary>
    public async Task AwaitHealthAsync(IPEndPoint address)
    {
        byte[] request = Encoding.ASCII.GetBytes($"GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        while (Stopwatch.GetElapsedTime(_begun) < StartPatience)
        {
            if (IsHealthy(address, request))
            {
                StartTime = Stopwatch.GetElapsedTime(_begun);
                return;
            }

            if (_process.HasExited)
                break;
            await Task.Delay(1);
        }

        string how = _process.HasExited ? $"ended with exit code {_process.ExitCode}" : "did not answer /healthz with 200";
        throw new BenchException($"{_name} {how}; it said:\n{Log}");
    }

    /// <summary>Asks the process to stop (SIGTERM) and waits; what went wrong, or null.</summary>
    public async Task<string?> StopAsync()
    {
        if (!_process.HasExited)
            _ = Native.Kill(_process.Id, Native.Sigterm);
        using var patience = new CancellationTokenSource(StopPatience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
            return $"{_name} did not stop within {StopPatience.TotalSeconds} s of SIGTERM and was killed";
        }

        return _process.ExitCode == 0 ? null : $"{_name} ended with exit code {_process.ExitCode}; it said:\n{Log}";
    }

    /// <summary>Waits for a process that ends by itself.</summary>
    public async Task AwaitExitAsync(TimeSpan atMost)
    {
        using var patience = new CancellationTokenSource(atMost);
        await _process.WaitForExitAsync(patience.Token);
        if (_process.ExitCode != 0)
            throw new BenchException($"{_name} ended with exit code {_process.ExitCode}; it said:\n{Log}");
    }

    /// <summary>For when this process is told to end: nobody else would stop the server.</summary>
    public static void KillAll()
    {
        foreach (ChildProcess child in Living.Keys)
            _ = Native.Kill(child._process.Id, Native.Sigkill);
    }

    public ValueTask DisposeAsync()
    {
        Living.TryRemove(this, out _);
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A loopback address with a port that is free now. Another program could take it in between; then the start fails, loudly.</summary>
    public static IPEndPoint FreeAddress()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (IPEndPoint)socket.LocalEndPoint!;
    }

    private long _begun;

    private static bool IsHealthy(IPEndPoint address, byte[] request)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 2000, SendTimeout = 2000 };
            socket.Connect(address);
            socket.Send(request);
            Span<byte> answer = stackalloc byte[64];
            int length = socket.Receive(answer);
            return answer[..length].StartsWith("HTTP/1.1 200"u8);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
            return;
        lock (_log)
        {
            _log.Enqueue(line.Data);
            if (_log.Count > KeptLines)
                _log.Dequeue();
        }
    }
}

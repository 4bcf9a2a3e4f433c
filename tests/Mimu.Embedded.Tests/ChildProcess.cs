using System.Diagnostics;
using Mimu.Specification;

namespace Mimu.Embedded.Tests;

/// <summary>This very assembly as a program of its own (see Program.cs), which can be killed.</summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public static ChildProcess Start(params string[] arguments)
    {
        var assembly = typeof(ChildProcess).Assembly.Location;
        // The test host runs under the dotnet that is to run the child.
        var host = Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
        return new ChildProcess(Process.Start(new ProcessStartInfo(host, ["exec", assembly, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);
    }

    /// <summary>The next whole line; null at the end.</summary>
    public Task<string?> ReadLineAsync() => _process.StandardOutput.ReadLineAsync().Within("a line of the child process");

    /// <summary>SIGKILL: nothing in the child gets to know of it.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Everything that the child wrote before it ended.</summary>
    public Task<string> ReadRestAsync() => _process.StandardOutput.ReadToEndAsync().Within("the end of the child process");

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExitAsync().Hold("the end of the child process");
        _process.Dispose();
    }
}

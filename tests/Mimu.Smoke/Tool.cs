using System.ComponentModel;
using System.Diagnostics;

namespace Mimu.Smoke;

/// <summary>A client that is not ours, as a process of its own.</summary>
internal static class Tool
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    /// <summary>Runs it to its end; what it wrote to both streams.</summary>
    public static async Task<(int ExitCode, string Said)> RunAsync(string name, params string[] arguments)
    {
        using var process = Start(name, arguments);
        using var limit = new CancellationTokenSource(_patience);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"{name} did not end within {_patience}. It said:\n{await output}{await errors}");
        }
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>Runs a script with Node, which must be content.</summary>
    public static async Task RunNodeAsync(params string[] arguments)
    {
        var (exitCode, said) = await RunAsync("node", arguments);
        Assert.True(exitCode == 0, $"node ended with {exitCode} and said:\n{said}");
    }

    /// <summary>A directory beside the tests' own, with the npm packages that it lists.</summary>
    public static string FindPackages(string name)
    {
        var path = FindAbove(Path.Combine("tests", name, "package-lock.json"));
        var directory = Path.GetDirectoryName(path)!;
        Assert.True(File.Exists(Path.Combine(directory, "node_modules", ".package-lock.json")), $"{directory} lacks its node_modules: run `make setup`.");
        return directory;
    }

    /// <summary>A file of the repository.</summary>
    public static string FindAbove(string path)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var found = Path.Combine(directory.FullName, path);
            if (File.Exists(found))
            {
                return found;
            }
        }
        throw new FileNotFoundException($"There is no {path} above the tests.");
    }

    private static Process Start(string name, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            throw new FileNotFoundException($"There is no {name}: run `make setup`.");
        }
    }
}

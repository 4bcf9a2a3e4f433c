using System.ComponentModel;
using System.Diagnostics;

namespace Mimu.Smoke;

/// <summary>Appendix A of the protocol, with the official libsignal client: tests/libsignal.</summary>
public sealed class LibsignalTests : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Two_people_with_the_official_client_talk_through_it()
    {
        var tests = Find();
        Assert.True(File.Exists(Path.Combine(tests, "node_modules", ".package-lock.json")), $"{tests} lacks its node_modules: run `make setup`.");
        var (program, address) = await Program.ServeAsync(_directory.FullName, ("MIMU_AUTH__ARGON2_MEMORY", "64KiB"), ("MIMU_AUTH__ARGON2_ITERATIONS", "1"));
        await using var server = program;
        var (exitCode, said) = await RunAsync(Path.Combine(tests, "test.mjs"), address.ToString());
        Assert.True(exitCode == 0, $"node ended with {exitCode} and said:\n{said}");
        Assert.Empty(server.Errors);
    }

    private static async Task<(int ExitCode, string Said)> RunAsync(params string[] arguments)
    {
        using var node = Start(arguments);
        using var limit = new CancellationTokenSource(_patience);
        var output = node.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = node.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await node.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            node.Kill();
            throw new TimeoutException($"node did not end within {_patience}. It said:\n{await output}{await errors}");
        }
        return (node.ExitCode, await output + await errors);
    }

    private static Process Start(string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo("node", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            throw new FileNotFoundException("There is no node: run `make setup`.");
        }
    }

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var path = Path.Combine(directory.FullName, "tests", "libsignal");
            if (File.Exists(Path.Combine(path, "package-lock.json")))
            {
                return path;
            }
        }
        throw new DirectoryNotFoundException("There is no tests/libsignal above the tests.");
    }
}

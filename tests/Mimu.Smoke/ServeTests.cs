using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;

namespace Mimu.Smoke;

/// <summary>The server as its users have it.</summary>
public sealed class ServeTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task It_runs_alone_in_an_empty_directory_and_two_people_talk_through_it()
    {
        var alone = _directory.PathOf("mimu");
        File.Copy(Program.Binary, alone);
        var (program, address) = await Program.ServeAsync(_directory.FullName, alone);
        await using var server = program;
        await using var demo = Process.Start(new ProcessStartInfo(alone, ["demo", "--url", address.ToString()]) { RedirectStandardOutput = true, WorkingDirectory = "/" }) is { } process
            ? new Ending(process) : throw new InvalidOperationException("The demonstration could not be started.");
        var said = await demo.Process.StandardOutput.ReadToEndAsync();
        await demo.Process.WaitForExitAsync();
        Assert.Equal(0, demo.Process.ExitCode);
        Assert.Contains("He reads: \"Hello Bob", said, StringComparison.Ordinal);
        var lines = server.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(3, lines.Length);
        Assert.Contains(address.Authority, lines[0], StringComparison.Ordinal);
        Assert.Contains(_directory.PathOf("mimu-data"), lines[1], StringComparison.Ordinal);
        Assert.Contains("open", lines[2], StringComparison.Ordinal);
        Assert.Empty(server.Errors);
    }

    /// <summary>All of them reach the native libraries for the first time at the same moment.</summary>
    [Fact]
    public async Task Many_who_come_first_and_at_once_do_not_bring_it_down()
    {
        for (var start = 0; start < 10; start++)
        {
            using var directory = new TemporaryDirectory();
            var (program, address) = await Program.ServeAsync(directory.FullName, ("MIMU_AUTH__ARGON2_MEMORY", "64KiB"), ("MIMU_AUTH__ARGON2_ITERATIONS", "1"));
            await using var server = program;
            await Task.WhenAll(Enumerable.Range(0, 32).Select(number => Client.RegisterAsync(address, $"user_{number}")));
            await Client.RegisterAsync(address, "the_last");
        }
    }

    [Fact]
    public async Task What_it_keeps_is_for_its_own_user_alone()
    {
        var (program, _) = await Program.ServeAsync(_directory.FullName);
        await using var server = program;
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
            | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_directory.PathOf("mimu-data")) & others);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_directory.PathOf("mimu-data/token-keys")) & others);
        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_directory.PathOf("mimu-data/mimu.db")) & others);
    }

    [Fact]
    public async Task It_links_to_nothing_but_the_C_library()
    {
        using var ldd = Process.Start(new ProcessStartInfo("ldd", [Program.Binary]) { RedirectStandardOutput = true })!;
        var libraries = await ldd.StandardOutput.ReadToEndAsync();
        await ldd.WaitForExitAsync();
        Assert.All(libraries.Split('\n', StringSplitOptions.RemoveEmptyEntries), line =>
            Assert.Matches(@"linux-vdso|ld-linux|libc\.so|libm\.so|libpthread|libdl|librt", line));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Told_to_stop_it_finishes_what_was_begun_and_closes_sockets_with_1012(string signal)
    {
        var (program, address) = await Program.ServeAsync(_directory.FullName);
        await using var server = program;
        var alice = await Client.RegisterAsync(address, "alice");
        using var socket = await alice.OpenSocketAsync();
        var buffer = new byte[64 * 1024];
        await Client.ReceiveAsync(socket, buffer);

        // A request of which the last byte is still to come.
        using var slow = new TcpClient();
        await slow.ConnectAsync(IPAddress.Loopback, address.Port);
        var stream = slow.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /auth/login HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: 45\r\n\r\n{{\"public_id\":\"nobody\",\"password\":\"no secret\""));
        await stream.FlushAsync();
        // The server has begun with it once it answers a later request of another connection.
        await alice.GetAsync("/users/alice");

        server.Signal(signal);
        while (await Client.ReceiveAsync(socket, buffer) is not null)
        {
        }
        Assert.Equal((WebSocketCloseStatus)1012, socket.CloseStatus);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "goodbye", default);
        await stream.WriteAsync("}"u8.ToArray());
        using var reader = new StreamReader(stream);
        Assert.Equal("HTTP/1.1 401 Unauthorized", await reader.ReadLineAsync());
        Assert.Equal(0, await server.WaitAsync());
        Assert.Empty(server.Errors);
    }

    private sealed class Ending(Process process) : IAsyncDisposable
    {
        public Process Process => process;

        public async ValueTask DisposeAsync()
        {
            if (!process.HasExited)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }
            process.Dispose();
        }
    }
}

using System.Diagnostics;
using System.Net.WebSockets;
using System.Threading.Channels;

namespace Mimu.Smoke;

/// <summary>A server whose disk is full says so, goes on reading, and goes on writing when there is room again, without anybody's help.</summary>
public sealed class FullDiskTests
{
    [FactWithDisk]
    public async Task A_full_disk_is_told_with_507_and_nothing_that_was_acknowledged_is_lost()
    {
        using var disk = Disk.Mount();
        var (server, address) = await StartAsync(disk);
        await using var first = server;
        var (alice, bob) = (await Client.RegisterAsync(address, "alice"), await Client.RegisterAsync(address, "bob"));
        var chat = await alice.OpenChatAsync(bob);
        var start = await bob.CursorAsync();
        using var socket = await bob.OpenSocketAsync();
        var told = Listen(socket);
        var acknowledged = new List<string>();
        // What is left of the disk, but for a megabyte, is taken by somebody else.
        var filler = Path.Combine(disk.Path, "filler");
        await File.WriteAllBytesAsync(filler, new byte[new DriveInfo(disk.Path).AvailableFreeSpace - (1 << 20)]);

        for (var refused = 0; refused < 10;)
        {
            var (status, answer) = await alice.TrySendAsync(chat, new string('x', 20_000));
            if (status == 201)
            {
                acknowledged.Add(answer);
                continue;
            }
            Assert.Equal((507, "insufficient_storage"), (status, answer));
            refused++;
        }

        Assert.NotEmpty(acknowledged);
        Assert.Equal(acknowledged, await bob.MessagesSinceAsync(start));
        await bob.GetAsync($"/api/v1/chats/{chat}");
        Assert.True((bool)(await alice.GetAsync("/readyz"))["ready"]!);

        File.Delete(filler);
        for (var i = 0; i < 20; i++)
        {
            acknowledged.Add(await alice.SendAsync(chat, new string('x', 20_000)));
        }
        Assert.Equal(acknowledged, await bob.MessagesSinceAsync(start));
        foreach (var id in acknowledged)
        {
            // Of nothing that was refused, and in order.
            Assert.Equal(id, await told.ReadAsync());
        }

        server.Signal("KILL");
        await server.WaitAsync();
        var (again, there) = await StartAsync(disk);
        await using var second = again;
        Assert.Equal(acknowledged, await bob.At(there).MessagesSinceAsync(start));
    }

    private static Task<(Program Program, Uri Address)> StartAsync(Disk disk) => Program.ServeAsync(
        disk.Path, ("MIMU_SERVER__DATA_DIR", Path.Combine(disk.Path, "data")), ("MIMU_AUTH__ARGON2_MEMORY", "64KiB"), ("MIMU_AUTH__ARGON2_ITERATIONS", "1"));

    /// <summary>The messages that a socket is told of, read as they come.</summary>
    private static ChannelReader<string> Listen(ClientWebSocket socket)
    {
        var told = Channel.CreateUnbounded<string>();
        _ = ListenAsync();
        return told.Reader;

        async Task ListenAsync()
        {
            try
            {
                var buffer = new byte[256 * 1024];
                while (await Client.ReceiveAsync(socket, buffer) is { } frame)
                {
                    if ((string?)frame["type"] == "NewMessage")
                    {
                        told.Writer.TryWrite((string)frame["data"]!["message_id"]!);
                    }
                }
                told.Writer.TryComplete();
            }
            catch (Exception e) when (e is WebSocketException or OperationCanceledException)
            {
                told.Writer.TryComplete(e);
            }
        }
    }

    /// <summary>A small file system in memory. Only root may mount one.</summary>
    private sealed class Disk : IDisposable
    {
        private readonly TemporaryDirectory _at = new();

        public string Path => _at.FullName;

        public static Disk Mount()
        {
            var disk = new Disk();
            return Run("mount", "-t", "tmpfs", "-o", "size=16m", "mimu-smoke", disk.Path) ? disk : throw new InvalidOperationException("No file system can be mounted.");
        }

        public void Dispose()
        {
            Run("umount", Path);
            _at.Dispose();
        }

        private static bool Run(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
    }

    /// <summary>Passed over where no file system can be mounted.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class FactWithDiskAttribute : FactAttribute
    {
        public FactWithDiskAttribute()
        {
            try
            {
                Disk.Mount().Dispose();
            }
            catch (InvalidOperationException e)
            {
                Skip = e.Message;
            }
        }
    }
}

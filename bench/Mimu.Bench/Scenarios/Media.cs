using System.Diagnostics;
using System.Security.Cryptography;
using Mimu.Bench.Client;
using Mimu.Bench.Floors;
using Mimu.Bench.Report;
using Mimu.Bench.Server;

namespace Mimu.Bench.Scenarios;

/// <summary>Files through presigned URLs, side by side with nginx on the same disk; and what uploads take of the memory.</summary>
internal static class Media
{
    private const int Streams = 4;

    /// <summary>How often either is measured within a round, by turns: disks are slow and fast by moments.</summary>
    private const int Turns = 3;

    public static async Task<Result[]> RunAsync(Surface surface)
    {
        if (surface.Options.FloorsOnly)
            return [];
        int size = surface.Options.Quick ? 1 << 20 : 64 << 20;
        int files = surface.Options.Quick ? Streams : 2 * Streams;
        byte[] content = RandomNumberGenerator.GetBytes(size);
        var put = new Pair();
        var get = new Pair();
        await using (MimuServer server = await surface.StartServerAsync())
        await using (NginxFloor nginx = await NginxFloor.StartAsync(surface.Options.DataRoot))
        using (var api = new Api(server.Address))
        {
            Account account = (await api.RegisterAsync(1))[0];
            for (int turn = 0; turn < Turns; turn++)
            {
                string[] names = [.. Enumerable.Range(0, files).Select(file => $"turn{turn}-{file}")];
                Upload[] uploads = await api.RequestUploadsAsync(account, size, files);
                put.Floor.Add(Measure(names, name => PutToNginx(nginx, name, content)));
                put.Server.Add(Measure(uploads, upload => FileTransfer.Put(server.Address, upload.PathAndQuery, upload.Headers, content)));
                string[] downloads = await api.RequestDownloadsAsync(account, uploads);
                get.Floor.Add(Measure(names, name => FileTransfer.Get(nginx.Address, $"/{name}", content)));
                get.Server.Add(Measure(downloads, path => FileTransfer.Get(server.Address, path, content)));
                await api.DeleteFilesAsync(account, uploads);
                foreach (string name in names)
                    File.Delete(nginx.PathOf(name));
            }

            await server.StopAsync(surface.Faults);
        }

        double bytes = (double)size * files;
        Result[] results = [put.ToResult("media-put", bytes, 0.6, surface), get.ToResult("media-get", bytes, 0.8, surface)];
        return [.. results, await OneUploadAsync(surface), await ManyUploadsAsync(surface)];
    }

    /// <summary>What 100 MiB add to a server that has served nothing else.</summary>
    private static Task<Result> OneUploadAsync(Surface surface) =>
        WatchAsync(surface, "media-one", uploads: 1, surface.Options.Quick ? 1 << 20 : 100 << 20, "one upload of 100 MiB");

    private static Task<Result> ManyUploadsAsync(Surface surface) =>
        WatchAsync(surface, "media-50", uploads: 50, surface.Options.Quick ? 1 << 18 : 16 << 20, "50 parallel uploads of 16 MiB");

    private static async Task<Result> WatchAsync(Surface surface, string name, int uploads, int size, string what)
    {
        byte[] content = RandomNumberGenerator.GetBytes(size);
        await using MimuServer server = await surface.StartServerAsync();
        using var api = new Api(server.Address);
        Account account = (await api.RegisterAsync(1))[0];
        Upload[] wanted = await api.RequestUploadsAsync(account, size, uploads);
        long before = server.Meter.ResidentBytes();
        long highest = before;
        using var done = new CancellationTokenSource();
        var watching = new Thread(() =>
        {
            while (!done.IsCancellationRequested)
            {
                highest = Math.Max(highest, server.Meter.ResidentBytes());
                done.Token.WaitHandle.WaitOne(5);
            }
        });
        watching.Start();
        double seconds = Measure(wanted, upload => FileTransfer.Put(server.Address, upload.PathAndQuery, upload.Headers, content), uploads);
        await done.CancelAsync();
        watching.Join();
        await server.StopAsync(surface.Faults);
        return new Result(name)
        {
            Note = what + ", {megabytes_per_second} MB/s; RSS is before → the highest meanwhile",
            Extra = new Dictionary<string, double> { ["megabytes_per_second"] = (double)size * uploads / seconds / 1e6 },
        }.WithResident(before, highest);
    }

    private static void PutToNginx(NginxFloor nginx, string name, byte[] content)
    {
        FileTransfer.Put(nginx.Address, $"/{name}", new Dictionary<string, string>(), content);
        // nginx leaves that to the kernel; the server answers no earlier than this.
        using var file = File.OpenHandle(nginx.PathOf(name), FileMode.Open, FileAccess.Write);
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Has all done by a few threads, and tells how many seconds that took.</summary>
    private static double Measure<T>(IReadOnlyList<T> all, Action<T> one, int streams = Streams)
    {
        int next = -1;
        Exception? problem = null;
        long begun = Stopwatch.GetTimestamp();
        Thread[] threads = [.. Enumerable.Range(0, streams).Select(_ => new Thread(() =>
        {
            try
            {
                for (int i = Interlocked.Increment(ref next); i < all.Count; i = Interlocked.Increment(ref next))
                    one(all[i]);
            }
            catch (Exception e)
            {
                problem = e;
            }
        }))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        double seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        return problem is null ? seconds : throw new BenchException($"a transfer failed: {problem.Message}");
    }

    /// <summary>Seconds of the server and of nginx, turn by turn.</summary>
    private sealed class Pair
    {
        public List<double> Server { get; } = [];

        public List<double> Floor { get; } = [];

        public Result ToResult(string name, double bytes, double least, Surface surface)
        {
            double Rate(List<double> seconds) => bytes / seconds.Order().ElementAt(seconds.Count / 2) / 1e6;
            double ratio = Rate(Server) / Rate(Floor);
            if (ratio < least && !surface.Options.Quick)
                surface.Faults.Add($"{name} has {ratio:0.00} of nginx's rate, at least {least:0.0} is required");
            return new Result(name)
            {
                Note = "{megabytes_per_second} MB/s, nginx {nginx_megabytes_per_second} MB/s: {of_nginx} of it",
                Extra = new Dictionary<string, double> { ["megabytes_per_second"] = Rate(Server), ["nginx_megabytes_per_second"] = Rate(Floor), ["of_nginx"] = ratio },
            };
        }
    }
}

using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace Mimu.Smoke;

/// <summary>Killed in the middle of uploads, the server has every file that it acknowledged, none in part, and the quotas to the byte (protocol 8.2, 8.5).</summary>
public sealed class MediaKillTests(ITestOutputHelper output) : IDisposable
{
    private const int Workers = 3;

    /// <summary>Below, at and above what a request, a buffer of the server's and a write to the disk take at once.</summary>
    private static readonly int[] _sizes = [1, 1000, 40_000, 128 * 1024, 300_001, (1 << 20) + 1];

    private readonly TemporaryDirectory _directory = new();

    private string Drafts => _directory.PathOf("mimu-data/blobs/tmp");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Killed_in_the_middle_of_uploads_it_has_all_that_it_acknowledged_and_nothing_in_part()
    {
        var (server, address) = await StartAsync();
        try
        {
            var registered = await Client.RegisterAsync(address, "alice");
            var (files, bytes) = (0, 0L);
            for (var round = 0; round < KillTests.Rounds; round++)
            {
                var tries = await UploadUntilKilledAsync(server, address, registered.At(address), round);
                await server.DisposeAsync();

                (server, address) = await StartAsync();
                var alice = registered.At(address);
                Assert.Empty(Directory.GetFiles(Drafts));
                foreach (var (number, it) in tries.Index())
                {
                    if (await IsFileAsync(it, alice, address, isRepeated: number % 2 == 0))
                    {
                        (files, bytes) = (files + 1, bytes + it.Upload.Content.Length);
                    }
                }
                Assert.Equal(bytes, await alice.StorageUsedAsync());
                var cleanUp = await AdminAsync("gc");
                Assert.Equal((0, 0, false), ((int)cleanUp["lost"]!, (int)cleanUp["stray"]!, (bool)cleanUp["refused"]!));
                var unnoted = await ExpectCleanAsync(files, bytes);
                Assert.Equal(bytes, await alice.StorageUsedAsync());
                Tell(round, tries, unnoted);
            }
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>The server died after the bytes had got their name and before the table knew it: a moment too short to be met often.</summary>
    [Fact]
    public async Task Bytes_that_were_stored_and_not_noted_become_a_file_once_whoever_comes_first()
    {
        var (server, address) = await StartAsync();
        try
        {
            var registered = await Client.RegisterAsync(address, "alice");
            var (asked, repeated) = (await Upload.AskAsync(registered, 5000), await Upload.AskAsync(registered, 700, tellsChecksum: true));
            await server.DisposeAsync();
            // These expire before anybody comes, and it is the clean-up that finds the second.
            (server, address) = await StartAsync(("MIMU_MEDIA__UPLOAD_URL_LIFETIME", "1s"));
            var (settled, never) = (await Upload.AskAsync(registered.At(address), 30), await Upload.AskAsync(registered.At(address), 2));
            await server.DisposeAsync();
            foreach (var upload in (Upload[])[asked, repeated, settled])
            {
                Directory.CreateDirectory(Path.GetDirectoryName(PathOf(upload))!);
                await File.WriteAllBytesAsync(PathOf(upload), upload.Content);
            }

            (server, address) = await StartAsync();
            var alice = registered.At(address);
            Assert.Equal(0, await alice.StorageUsedAsync());
            await ExpectWholeAsync(asked, await alice.FindFileAsync(asked.Key));
            Assert.Equal(5000, await alice.StorageUsedAsync());
            Assert.Equal((412, "PreconditionFailed"), Told(await repeated.PutAsync(address)));
            await ExpectWholeAsync(repeated, await alice.FindFileAsync(repeated.Key));
            Assert.Equal(5700, await alice.StorageUsedAsync());
            await Deadline.Until("the clean-up to find the expired upload", async () => (int)(await AdminAsync("gc"))["finished"]! == 1);
            Assert.Equal(5730, await alice.StorageUsedAsync());
            await ExpectWholeAsync(settled, await alice.FindFileAsync(settled.Key));
            Assert.False((bool)(await alice.FindFileAsync(never.Key))!["uploaded"]!);
            await ExpectCleanAsync(3, 5730);
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    /// <summary>Some end and some are deleted, some stay half-sent, and some come to their last byte at the moment of the end.</summary>
    private async Task<List<Try>> UploadUntilKilledAsync(Program server, Uri address, Client alice, int round)
    {
        var tries = new ConcurrentBag<Try>();
        var half = await BeginAsync([2, 5000, 300_000, 2 << 20], size => size / 2);
        var poised = await BeginAsync([.. _sizes, .. _sizes], size => size - 1);
        try
        {
            await Deadline.Until("the uploads to begin", () => Task.FromResult(Directory.GetFiles(Drafts).Length == half.Count + poised.Count));
            var (finished, enough) = (0, 5 + round % 5 * 3);
            var ending = new TaskCompletionSource();
            var workers = Enumerable.Range(0, Workers).Select(WorkAsync).ToList();
            await Task.WhenAny([ending.Task, .. workers]);
            // From none of them answered to a third: the server is anywhere between reading their last bytes and answering.
            var (answered, due) = (0, round % 5);
            var endings = poised.Select(EndAsync).ToList();
            if (due == 0)
            {
                server.Kill();
            }
            try
            {
                await Task.WhenAll(endings);
            }
            finally
            {
                // The workers go on until it is dead, also when a test has failed.
                server.Kill();
                await Task.WhenAll(workers);
            }

            async Task EndAsync((Try Try, RawHttp Http) it)
            {
                try
                {
                    await it.Http.WriteAsync(it.Try.Upload.Content.AsMemory(it.Try.Upload.Content.Length - 1));
                    it.Try.Stage = Stage.Sent;
                }
                catch (IOException)
                {
                    // The server is dead.
                    it.Try.Stage = Stage.Sent;
                    return;
                }
                if (Acknowledge(it.Try, await it.Http.ReadAnswerAsync()) && Interlocked.Increment(ref answered) == due)
                {
                    server.Kill();
                }
            }

            async Task WorkAsync(int worker)
            {
                try
                {
                    for (var i = worker; ; i++)
                    {
                        var it = new Try(await Upload.AskAsync(alice, _sizes[i % _sizes.Length], tellsChecksum: i % 2 == 0)) { Stage = Stage.Sent };
                        tries.Add(it);
                        if (!Acknowledge(it, await it.Upload.PutAsync(address)))
                        {
                            return;
                        }
                        if (i % 4 == 3)
                        {
                            it.Stage = Stage.Deleting;
                            await alice.DeleteFileAsync(it.Upload.Key);
                            it.Stage = Stage.Deleted;
                        }
                        if (Interlocked.Increment(ref finished) == enough)
                        {
                            ending.SetResult();
                        }
                    }
                }
                catch (Exception e) when (e is HttpRequestException or IOException or System.Net.Sockets.SocketException)
                {
                    // The server is dead.
                }
            }
        }
        finally
        {
            foreach (var (_, http) in (List<(Try, RawHttp Http)>)[.. half, .. poised])
            {
                http.Dispose();
            }
        }
        return [.. tries];

        async Task<List<(Try Try, RawHttp Http)>> BeginAsync(int[] sizes, Func<int, int> firstPart)
        {
            var begun = new List<(Try Try, RawHttp Http)>();
            foreach (var size in sizes)
            {
                var upload = await Upload.AskAsync(alice, size);
                var http = await RawHttp.ConnectAsync(address);
                begun.Add((new Try(upload), http));
                tries.Add(begun[^1].Try);
                await http.WriteAsync(upload.Head);
                await http.WriteAsync(upload.Content.AsMemory(0, firstPart(size)));
            }
            return begun;
        }
    }

    /// <summary>Notes an answer, if there is one: it is good, or the server has lied.</summary>
    private static bool Acknowledge(Try it, RawAnswer? answer)
    {
        if (answer is null)
        {
            return false;
        }
        Assert.Equal((200, ""), Told(answer));
        it.Stage = Stage.Acknowledged;
        return true;
    }

    /// <summary>After the server's next start: whether it is a file now, which is then served whole.</summary>
    private async Task<bool> IsFileAsync(Try it, Client alice, Uri address, bool isRepeated)
    {
        var (upload, stage) = (it.Upload, it.Stage);
        var file = await alice.FindFileAsync(upload.Key);
        if (stage is Stage.Deleted || (stage is Stage.Deleting && file is null))
        {
            Assert.Null(file);
            return false;
        }
        Assert.True(file is not null, $"an upload of {upload.Content.Length} bytes that was {stage} is not known");
        if (!(bool)file["uploaded"]!)
        {
            Assert.True(stage is Stage.Half or Stage.Sent, $"a file of {upload.Content.Length} bytes that was {stage} is gone");
            Assert.False(File.Exists(PathOf(upload)));
            if (!isRepeated)
            {
                return false;
            }
            Assert.Equal((200, ""), Told(await upload.PutAsync(address)));
            file = await alice.FindFileAsync(upload.Key);
        }
        else
        {
            Assert.NotEqual(Stage.Half, stage);
            it.IsFound = stage is Stage.Sent;
        }
        await ExpectWholeAsync(upload, file);
        return true;
    }

    private static async Task ExpectWholeAsync(Upload upload, JsonNode? file)
    {
        Assert.Equal((upload.Content.Length, true), ((int)file!["size"]!, (bool)file["uploaded"]!));
        var answer = await Upload.FetchAsync(file);
        Assert.Equal(200, answer.Status);
        Assert.True(upload.Content.AsSpan().SequenceEqual(answer.Body), $"{answer.Body.Length} other bytes came than the {upload.Content.Length} that were uploaded");
    }

    /// <summary>That table, store and disk agree, and hold this and nothing else; how many files the server had stored and not noted yet, which then have no checksum.</summary>
    private async Task<int> ExpectCleanAsync(int files, long bytes)
    {
        var verified = await AdminAsync("verify");
        Assert.Equal((files, bytes), ((int)verified["right"]!, (long)verified["right_bytes"]!));
        Assert.Empty(verified["lost"]!.AsArray());
        Assert.Empty(verified["damaged"]!.AsArray());
        Assert.Equal(0, (int)verified["stray"]!);
        var stored = Directory.GetFiles(_directory.PathOf("mimu-data/blobs"), "*", SearchOption.AllDirectories);
        Assert.Equal((files, bytes), (stored.Length, stored.Sum(path => new FileInfo(path).Length)));
        Assert.Equal("ok", KillTests.CheckIntegrity(_directory));
        return (int)verified["unknown"]!;
    }

    private async Task<JsonNode> AdminAsync(string verb)
    {
        var (code, told, errors) = await Program.RunAsync(_directory.FullName, "admin", "media", verb, "--json");
        Assert.True(code == 0, $"{verb}: {code} {told}{errors}");
        return JsonNode.Parse(told)!;
    }

    private void Tell(int round, List<Try> tries, int unnoted) => output.WriteLine($"round {round}: "
        + string.Join(", ", tries.GroupBy(it => it.Stage).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.Key}"))
        + $"; {tries.Count(it => it.IsFound)} stored without an answer; of all so far {unnoted} not noted");

    private static (int Status, string Code) Told(RawAnswer? answer) => answer is null ? (0, "") : (answer.Status, answer.Code);

    private string PathOf(Upload upload) => _directory.PathOf($"mimu-data/blobs/{upload.Key[..2]}/{upload.Key}");

    private Task<(Program Program, Uri Address)> StartAsync(params (string Name, string Value)[] environment) => Program.ServeAsync(
        _directory.FullName, [("MIMU_AUTH__ARGON2_MEMORY", "64KiB"), ("MIMU_AUTH__ARGON2_ITERATIONS", "1"), ("MIMU_MEDIA__MIN_FREE_DISK", "0"), .. environment]);

    /// <summary>How far an upload had come, as its client knows.</summary>
    private enum Stage
    {
        /// <summary>Its last bytes were never sent.</summary>
        Half,

        /// <summary>No answer came.</summary>
        Sent,

        Acknowledged,

        Deleting,

        Deleted,
    }

    private sealed class Try(Upload upload)
    {
        public Upload Upload => upload;

        public Stage Stage { get; set; }

        /// <summary>Stored, and the client was not told.</summary>
        public bool IsFound { get; set; }
    }
}

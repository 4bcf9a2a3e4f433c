using System.IO.Pipelines;
using Microsoft.Extensions.DependencyInjection;
using Mimu.Appliance.Media;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Tests.Media;

/// <summary>Quotas, clean-up and what a crash leaves (protocol 8.1, 8.5).</summary>
public sealed class KeepingTests(ClockHost host) : IClassFixture<ClockHost>
{
    private static readonly byte[] _content = [1, 2, 3, 4];

    [Fact]
    public async Task The_quota_holds_however_many_come_at_once()
    {
        await using var small = await Host.Start(options => (options.Limits.Premium.Quota, options.Limits.Premium.MaxFile) = (1000, 500));
        var alice = await small.RegisterAsync("alice");
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => alice.TryRequestUploadAsync(300)));
        Assert.Equal(3, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.ExpectProblem(403, "quota_exceeded"));
        (await alice.TryRequestUploadAsync(501)).ExpectProblem(413, "payload_too_large");
        (await alice.Http.DeleteAsync($"/api/v1/media/{(string)answers.First(answer => answer.Status == 201).Json["file_key"]!}")).ExpectNothing();
        await alice.RequestUploadAsync(400);
    }

    [Fact]
    public async Task Accounts_that_are_not_premium_have_their_own_limits()
    {
        await using var stores = await Host.Start(options => (options.Subscriptions.Mode, options.Media.MaxFile, options.Media.Quota) = (SubscriptionMode.Stores, 10, 15));
        var alice = await stores.RegisterAsync("alice");
        (await alice.TryRequestUploadAsync(11)).ExpectProblem(413, "payload_too_large");
        await alice.UploadAsync(new byte[10]);
        (await alice.TryRequestUploadAsync(6)).ExpectProblem(403, "quota_exceeded");
        Assert.Equal(10, await alice.StorageUsedAsync());
    }

    [Fact]
    public async Task A_disk_that_is_nearly_full_takes_no_uploads()
    {
        await using var full = await Host.Start(options => options.Media.MinFreeDisk = long.MaxValue / 2);
        var alice = await full.RegisterAsync("alice");
        (await alice.TryRequestUploadAsync(1)).ExpectProblem(507, "insufficient_storage");
    }

    [Fact]
    public async Task A_store_whose_file_system_is_gone_is_out_of_reach_and_no_empty_one()
    {
        await using var own = await Host.Start();
        var alice = await own.RegisterAsync("alice");
        var key = await alice.UploadAsync(_content);
        var (download, waiting) = (await alice.DownloadUrlAsync(key), await alice.RequestUploadAsync(4));
        var blobs = Path.Combine(own.DataDirectory, "blobs");
        Directory.Move(blobs, blobs + ".away");
        Directory.CreateDirectory(blobs);

        (await Uploads.FetchAsync(download)).ExpectS3(503, "SlowDown");
        (await waiting.PutAsync(_content)).ExpectS3(503, "SlowDown");
        (await alice.TryGetFileAsync((string)waiting["file_key"]!)).ExpectProblem(503, "unavailable");
        (await alice.Http.DeleteAsync($"/api/v1/media/{key}")).ExpectNothing();

        Directory.Delete(blobs);
        Directory.Move(blobs + ".away", blobs);
        await own.Services.GetRequiredService<MediaWorker>().RunOnceAsync(default);
        Assert.Empty(Directory.GetFiles(blobs, key, SearchOption.AllDirectories));
        Assert.Equal(200, (await waiting.PutAsync(_content)).Status);
    }

    [Fact]
    public async Task A_proxy_may_put_the_servers_name_before_the_path()
    {
        var alice = await host.RegisterAsync("alice");
        var url = new Uri(await alice.DownloadUrlAsync(await alice.UploadAsync(_content)));
        using var connection = new RawConnection(host.Address);
        await connection.WriteAsync($"GET {url.AbsoluteUri} HTTP/1.1\r\nHost: {url.Authority}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", await connection.ReadHeadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_crash_between_the_bytes_and_the_note_leaves_a_file_and_one_before_it_nothing()
    {
        var alice = await host.RegisterAsync("alice");
        var (stored, half) = (await alice.RequestUploadAsync(4), await alice.RequestUploadAsync(4));
        Plant((string)stored["file_key"]!, _content);
        Assert.Equal(200, (await half.PutAsync(_content)).Status);
        host.Sql("UPDATE files SET state = 0 WHERE file_key = @key", ("@key", (string)half["file_key"]!));

        // Whoever asks, or tries again, finds it.
        (await stored.PutAsync(_content)).ExpectS3(412, "PreconditionFailed");
        (await Uploads.FetchAsync(await alice.DownloadUrlAsync((string)stored["file_key"]!))).Expect4();
        Assert.True((bool)(await alice.TryGetFileAsync((string)half["file_key"]!)).Expect(200)["uploaded"]!);
    }

    [Fact]
    public async Task A_file_has_one_upload_at_a_time_which_ends_with_the_file()
    {
        // More than the client's own buffers have room for.
        var content = new byte[1 << 20];
        var alice = await host.RegisterAsync("alice");
        var upload = await alice.RequestUploadAsync(content.Length);
        var key = (string)upload["file_key"]!;
        var slow = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var first = upload.PutAsync(content, request =>
        {
            var rest = new StreamContent(slow.Reader.AsStream());
            foreach (var (name, value) in request.Content!.Headers)
            {
                rest.Headers.TryAddWithoutValidation(name, value);
            }
            rest.Headers.ContentLength = content.Length;
            request.Content = rest;
        });
        await slow.Writer.WriteAsync(content.AsMemory(0, content.Length / 2));
        await Deadline.Until("the upload to begin", () => Directory.GetFiles(Path.Combine(host.Options.MediaPath, "tmp"), $"{key}.*").Length == 1);
        (await upload.PutAsync(content)).ExpectS3(503, "SlowDown");
        (await alice.Http.DeleteAsync($"/api/v1/media/{key}")).ExpectNothing();
        await Deadline.Until("the upload to be broken off", () => Directory.GetFiles(Path.Combine(host.Options.MediaPath, "tmp"), $"{key}.*").Length == 0);
        await slow.Writer.WriteAsync(content.AsMemory(content.Length / 2));
        await slow.Writer.CompleteAsync();
        // Who still sends may find the connection closed before the answer.
        await Task.WhenAny(first);
        Assert.True(first.IsFaulted || (await first).Status == 404);
        Assert.False(File.Exists(PathOf(key)));
    }

    [Fact]
    public async Task A_round_settles_what_was_left_lying_about()
    {
        var alice = await host.RegisterAsync("alice");
        var (lost, kept) = (await alice.UploadAsync(_content), await alice.UploadAsync(_content));
        var forgotten = await alice.RequestUploadAsync(4);
        var stray = Plant(Core.Media.FileKey.New().ToString(), _content);
        File.Delete(PathOf(lost));
        host.Clock.Advance(TimeSpan.FromHours(25));
        await host.Services.GetRequiredService<MediaWorker>().RunOnceAsync(default);

        Assert.False(File.Exists(stray));
        await alice.RefreshAsync();
        (await Uploads.FetchAsync(await alice.DownloadUrlAsync(lost))).ExpectS3(404, "NoSuchKey");
        (await alice.TryGetFileAsync((string)forgotten["file_key"]!)).ExpectProblem(404, "not_found");
        (await Uploads.FetchAsync(await alice.DownloadUrlAsync(kept))).Expect4();
        Assert.Equal(8, await alice.StorageUsedAsync());
        Assert.Equal(0L, host.Sql("SELECT COUNT(*) FROM files WHERE state = 2"));
    }

    [Fact]
    public async Task A_deleted_accounts_bytes_go_with_the_next_round()
    {
        var alice = await host.RegisterAsync("alice");
        var path = PathOf(await alice.UploadAsync(_content));
        await alice.DeleteAccountAsync();
        await host.Services.GetRequiredService<MediaWorker>().RunOnceAsync(default);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_store_that_is_not_there_is_told_of()
    {
        await using var gone = await Host.Start();
        Directory.Move(gone.Options.MediaPath, gone.Options.MediaPath + ".away");
        var answer = await gone.Anonymous.GetAsync("/readyz");
        Assert.Equal((503, "{\"ready\":false,\"failing\":[\"blob_store\"]}"), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task Files_are_there_after_the_next_start_and_so_are_the_keys()
    {
        var directory = Directory.CreateTempSubdirectory("mimu-host-").FullName;
        try
        {
            string key, secret;
            await using (var first = await Host.Start(dataDirectory: directory))
            {
                key = await (await first.RegisterAsync("alice")).UploadAsync(_content);
                secret = await File.ReadAllTextAsync(Path.Combine(directory, "media-keys"));
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(directory, "media-keys")));
            }
            await using var second = await Host.Start(dataDirectory: directory);
            (await Uploads.FetchAsync(await (await second.RegisterAsync("bob")).DownloadUrlAsync(key))).Expect4();
            Assert.Equal(secret, await File.ReadAllTextAsync(Path.Combine(directory, "media-keys")));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private string PathOf(string key) => Path.Combine(host.Options.MediaPath, key[..2], key);

    private string Plant(string key, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(key))!);
        File.WriteAllBytes(PathOf(key), content);
        return PathOf(key);
    }
}

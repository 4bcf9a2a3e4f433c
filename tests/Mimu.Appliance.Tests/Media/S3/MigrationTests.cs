using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Mimu.Appliance.Cli;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Media.S3;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Media;

namespace Mimu.Appliance.Tests.Media.S3;

/// <summary><c>mimu admin media</c>, with a server and without.</summary>
public sealed class MigrationTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("mimu-media-").FullName;
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private OutsideStore _store = null!;

    public async Task InitializeAsync() => _store = await OutsideStore.StartAsync();

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Files_move_to_an_outside_store_and_back_although_it_breaks_in_between()
    {
        await FillAsync(40);
        var asked = 0;
        _store.Whim = async http => http.Request.Method == "PUT" && ++asked > 12 && await OutsideStore.FailAsync(http, 500, "InternalError");
        var (code, _, error) = await RunAsync(MediaBackend.Disk, "migrate", "--to", "s3");
        Assert.Equal(ExitCodes.TemporaryFailure, code);
        Assert.Contains("InternalError", error, StringComparison.Ordinal);
        var there = _store.Objects.Count;
        Assert.InRange(there, 1, 39);

        // What is there and wrong is replaced, what is there and right is not sent again.
        _store.Whim = null;
        var spoilt = _store.Objects.Keys.First();
        _store.Objects[spoilt] = new byte[_store.Objects[spoilt].Length];
        _store.Calls.Clear();
        var moved = await AskAsync(MediaBackend.Disk, 0, "migrate", "--to", "s3");
        Assert.Equal((41 - there, there - 1), ((int)moved["copied"]!, (int)moved["present"]!));
        Assert.Equal(41 - there, _store.Calls.Count(call => call.StartsWith("PUT", StringComparison.Ordinal)));
        Assert.Equal(_files.OrderBy(file => file.Key), _store.Objects.OrderBy(file => file.Key));
        Assert.Equal(40, (int)(await AskAsync(MediaBackend.S3, 0, "verify"))["right"]!);

        // The source is as it was; somebody else's machine has none of it.
        Assert.Equal(40, BlobPaths().Length);
        Directory.Delete(Path.Combine(_directory, "blobs"), recursive: true);
        (code, var text, _) = await RunAsync(MediaBackend.S3, "migrate", "--to", "disk");
        Assert.Equal(0, code);
        Assert.Contains("backend = \"disk\"", text, StringComparison.Ordinal);
        Assert.Equal(40, _store.Objects.Count);
        Assert.Equal(40, (int)(await AskAsync(MediaBackend.Disk, 0, "verify"))["right"]!);
        await ExpectFilesAsync(MediaBackend.Disk);
    }

    [Fact]
    public async Task A_running_server_migrates_and_says_that_once_more_is_needed()
    {
        await FillAsync(3);
        await using (var host = await StartAsync(MediaBackend.Disk))
        {
            var (code, text, error) = await RunAsync(MediaBackend.Disk, "migrate", "--to", "s3");
            Assert.True(code == 0, error);
            Assert.Contains("3 of 3 files", error, StringComparison.Ordinal);
            Assert.Contains("stop it and run `mimu admin media migrate --to s3` once more", text, StringComparison.Ordinal);
            Assert.Contains("where files are kept already", await ExpectFailureAsync(ExitCodes.Usage, MediaBackend.Disk, "migrate", "--to", "disk"), StringComparison.Ordinal);
        }
        await ExpectFilesAsync(MediaBackend.S3);
    }

    [Fact]
    public async Task A_flipped_byte_is_found_and_stays_what_is_gone_is_told()
    {
        await FillAsync(4);
        var paths = BlobPaths();
        var bytes = await File.ReadAllBytesAsync(paths[0]);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(paths[0], bytes);
        File.Delete(paths[1]);
        var stray = Path.Combine(Path.GetDirectoryName(paths[2])!, Path.GetFileName(paths[2])[..2] + FileKey.New().ToString()[2..]);
        await File.WriteAllTextAsync(stray, "nobody's");
        foreach (var isServed in (bool[])[false, true])
        {
            await using var host = isServed ? await StartAsync(MediaBackend.Disk) : null;
            var found = await AskAsync(MediaBackend.Disk, ExitCodes.Failed, "verify");
            Assert.Equal(2, (int)found["right"]!);
            Assert.Equal([Path.GetFileName(paths[0])], found["damaged"]!.AsArray().Select(key => (string)key!));
            Assert.Equal([Path.GetFileName(paths[1])], found["lost"]!.AsArray().Select(key => (string)key!));
            Assert.Equal((1, false), ((int)found["stray"]!, (bool)found["repaired"]!));
            var trial = await AskAsync(MediaBackend.Disk, 0, "gc", "--dry-run");
            Assert.Equal((1, 1), ((int)trial["lost"]!, (int)trial["stray"]!));
            Assert.True(File.Exists(stray));
            Assert.Equal(4, (int)(await AskAsync(MediaBackend.Disk, 0, "stats"))["files"]!);
        }
        Assert.True((bool)(await AskAsync(MediaBackend.Disk, ExitCodes.Failed, "verify", "--repair"))["repaired"]!);
        Assert.False(File.Exists(stray));
        Assert.True(File.Exists(paths[0]));
        Assert.Equal(3, (int)(await AskAsync(MediaBackend.Disk, 0, "stats"))["files"]!);
        var (code, text, _) = await RunAsync(MediaBackend.Disk, "verify");
        Assert.Equal(ExitCodes.Failed, code);
        Assert.Contains($"damaged  {Path.GetFileName(paths[0])}", text, StringComparison.Ordinal);

        // A damaged file is not copied either, and the others are.
        var moved = await AskAsync(MediaBackend.Disk, ExitCodes.Failed, "migrate", "--to", "s3");
        Assert.Equal((2, 1), ((int)moved["copied"]!, moved["damaged"]!.AsArray().Count));
    }

    [Fact]
    public async Task Without_its_settings_nothing_goes_to_an_outside_store()
    {
        var mimu = new Admin.CommandLine(_directory);
        Assert.Contains("media.s3.endpoint", await mimu.ExpectRefusalAsync(ExitCodes.Usage, "admin", "media", "migrate", "--to", "s3"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_can_not_be_used_is_told_at_the_start_and_by_readiness_until_it_can()
    {
        _store.Whim = http => OutsideStore.FailAsync(http, 403, "InvalidAccessKeyId");
        await using var host = await StartAsync(MediaBackend.S3);
        var watch = host.Services.GetRequiredService<StoreWatch>();
        await watch.RunOnceAsync(default);
        var unready = await host.Anonymous.GetAsync("/readyz");
        Assert.Equal((503, "blob_store"), (unready.Status, (string?)unready.Expect(503)["failing"]![0]));
        var alice = await host.RegisterAsync("alice");
        var upload = await alice.RequestUploadAsync(1);
        (await alice.TryGetFileAsync((string)upload["file_key"]!)).ExpectProblem(503, "unavailable");
        _store.Whim = null;
        await watch.RunOnceAsync(default);
        Assert.Equal(200, (await host.Anonymous.GetAsync("/readyz")).Status);
    }

    /// <summary>Files of one person, on the disk.</summary>
    private async Task FillAsync(int count)
    {
        await using var host = await StartAsync(MediaBackend.Disk);
        var alice = await host.RegisterAsync("alice");
        for (var i = 0; i < count; i++)
        {
            var content = RandomNumberGenerator.GetBytes(1 + i * 7);
            _files[await alice.UploadAsync(content)] = content;
        }
    }

    private async Task ExpectFilesAsync(MediaBackend backend)
    {
        await using var host = await StartAsync(backend);
        var bob = await host.RegisterAsync("bob");
        foreach (var (key, content) in _files.Take(5))
        {
            using var http = new HttpClient(new SocketsHttpHandler());
            Assert.Equal(content, await http.GetByteArrayAsync(await bob.DownloadUrlAsync(key)));
        }
    }

    private Task<Host> StartAsync(MediaBackend backend) => Host.Start(options => _store.Set(options, backend is MediaBackend.S3), dataDirectory: _directory);

    private string[] BlobPaths() => [.. Directory.GetFiles(Path.Combine(_directory, "blobs"), "*", SearchOption.AllDirectories).Where(path => Path.GetFileName(path).Length == FileKey.Length).Order()];

    private async Task<JsonObject> AskAsync(MediaBackend backend, int expected, params string[] words)
    {
        var (code, output, error) = await RunAsync(backend, [.. words, "--json"]);
        Assert.True(code == expected, $"{string.Join(' ', words)} ended with {code}: {error}{output}");
        Assert.Empty(error);
        return JsonNode.Parse(output)!.AsObject();
    }

    private async Task<string> ExpectFailureAsync(int expected, MediaBackend backend, params string[] words)
    {
        var (code, _, error) = await RunAsync(backend, words);
        Assert.Equal(expected, code);
        return error;
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(MediaBackend backend, params string[] words)
    {
        var options = new MimuOptions();
        _store.Set(options);
        var config = Path.Combine(_directory, "cli.toml");
        await File.WriteAllTextAsync(config, $"""
            [server]
            data_dir = "{_directory}"
            [media]
            backend = "{(backend is MediaBackend.S3 ? "s3" : "disk")}"
            bucket = "{options.Media.Bucket}"
            [media.s3]
            endpoint = "{options.Media.S3.Endpoint}"
            region = "{options.Media.S3.Region}"
            access_key = "{options.Media.S3.AccessKey}"
            secret_key = "{options.Media.S3.SecretKey}"
            """);
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await Deadline.For($"mimu admin media {string.Join(' ', words)}", Root.RunAsync(["admin", "media", .. words, "--config", config], output, error), TimeSpan.FromSeconds(60));
        return (code, output.ToString(), error.ToString());
    }
}

using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Minio;
using Minio.DataModel.Args;

namespace Mimu.Smoke;

/// <summary>The published program with a real S3 store that is not ours, OpenStack Swift of Debian's packages: files there, and moved from there to the disk (protocol section 8).</summary>
public sealed class OutsideStoreTests : IAsyncLifetime, IDisposable
{
    private const string Bucket = "mimu-media";
    private const string AccessKey = "test:mimu";
    private const string SecretKey = "se/cr+et=";

    private static readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });

    private readonly TemporaryDirectory _directory = new();
    private Process? _store;
    private string _address = "";

    public async Task InitializeAsync()
    {
        _store = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Tool.FindAbove(Path.Combine("tests", "s3", "store.py")), _directory.PathOf("swift"), AccessKey, SecretKey])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _address = await _store.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60))
            ?? throw new InvalidOperationException($"Swift does not start: is python3-swift there? Run `make setup`. It says: {await _store.StandardError.ReadToEndAsync()}");
        using var minio = new MinioClient().WithEndpoint(new Uri(_address).Authority).WithSSL(false).WithRegion("us-east-1").WithCredentials(AccessKey, SecretKey).Build();
        await minio.MakeBucketAsync(new MakeBucketArgs().WithBucket(Bucket));
    }

    public async Task DisposeAsync()
    {
        if (_store is not null)
        {
            _store.Kill();
            await _store.WaitForExitAsync();
            _store.Dispose();
        }
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Files_go_to_it_come_from_it_and_move_to_the_disk()
    {
        var (server, address) = await Program.ServeAsync(_directory.FullName, Settings(SecretKey));
        var content = RandomNumberGenerator.GetBytes(300_001);
        string key;
        Client alice;
        await using (server)
        {
            alice = await Client.RegisterAsync(address, "alice");
            var upload = await alice.RequestUploadAsync(content.Length, SHA256.HashData(content));
            key = (string)upload["file_key"]!;
            Assert.StartsWith(_address.TrimEnd('/'), (string)upload["upload_url"]!, StringComparison.Ordinal);
            Assert.Equal(200, await PutAsync(upload, content));
            Assert.Equal(412, await PutAsync(upload, content));
            Assert.Equal(content, await FetchAsync(alice, key));
            var gone = await alice.RequestUploadAsync(3);
            Assert.Equal(200, await PutAsync(gone, [1, 2, 3]));
            await alice.FindFileAsync((string)gone["file_key"]!);
            await alice.DeleteFileAsync((string)gone["file_key"]!);
            Assert.Null(await alice.FindFileAsync((string)gone["file_key"]!));
            Assert.Equal(content.Length, await alice.StorageUsedAsync());
            var verified = await AdminAsync(0, "verify", SecretKey);
            Assert.Equal((1, 0, 0), ((int)verified["right"]!, verified["lost"]!.AsArray().Count, (int)verified["stray"]!));
            Assert.Equal(1, (int)(await AdminAsync(0, "migrate", SecretKey, "--to", "disk"))["copied"]!);
        }
        (server, address) = await Program.ServeAsync(_directory.FullName);
        await using (server)
        {
            Assert.Equal(content, await FetchAsync(alice.At(address), key));
        }
    }

    [Fact]
    public async Task A_key_that_it_does_not_know_is_told_at_the_start_and_by_readyz()
    {
        var (server, address) = await Program.ServeAsync(_directory.FullName, Settings("another"));
        await using var program = server;
        await Deadline.Until("the start to tell of it", () => Task.FromResult(server.Errors.Contains("Check media.s3.access_key and media.s3.secret_key", StringComparison.Ordinal)));
        using var answer = await _http.GetAsync(new Uri(address, "/readyz"));
        Assert.Equal(503, (int)answer.StatusCode);
        Assert.Contains("blob_store", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private (string Name, string Value)[] Settings(string secret) =>
    [
        ("MIMU_MEDIA__BACKEND", "s3"), ("MIMU_MEDIA__BUCKET", Bucket), ("MIMU_MEDIA__S3__ENDPOINT", _address), ("MIMU_MEDIA__S3__ACCESS_KEY", AccessKey), ("MIMU_MEDIA__S3__SECRET_KEY", secret),
    ];

    /// <summary>With the settings in a file, as the command line has them; the server is asked over its socket.</summary>
    private async Task<JsonNode> AdminAsync(int expected, string verb, string secret, params string[] more)
    {
        var settings = _directory.PathOf("admin.toml");
        await File.WriteAllTextAsync(settings, $"[media]\nbackend = \"s3\"\nbucket = \"{Bucket}\"\n[media.s3]\nendpoint = \"{_address}\"\naccess_key = \"{AccessKey}\"\nsecret_key = \"{secret}\"\n");
        var (code, told, errors) = await Program.RunAsync(_directory.FullName, ["admin", "media", verb, .. more, "--config", settings, "--json"]);
        Assert.True(code == expected, $"{verb}: {code} {told}{errors}");
        return JsonNode.Parse(told)!;
    }

    private static async Task<int> PutAsync(JsonNode upload, byte[] content)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, (string)upload["upload_url"]!) { Content = new ByteArrayContent(content) };
        foreach (var (name, value) in upload["headers"]!.AsObject())
        {
            if (!request.Headers.TryAddWithoutValidation(name, (string)value!))
            {
                request.Content.Headers.Remove(name);
                request.Content.Headers.TryAddWithoutValidation(name, (string)value!);
            }
        }
        using var answer = await _http.SendAsync(request);
        return (int)answer.StatusCode;
    }

    private static async Task<byte[]> FetchAsync(Client client, string key) => await _http.GetByteArrayAsync((string)(await client.FindFileAsync(key))!["download_url"]!);
}

using System.Diagnostics;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Media.S3;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Media;

namespace Mimu.Appliance.Tests.Media.S3;

/// <summary>A real S3 store: OpenStack Swift of Debian's packages, in a process of its own (tests/s3/store.py). As a class fixture it serves all tests of a class.</summary>
public sealed class Swift : IAsyncLifetime
{
    public const string Bucket = "mimu-media";

    /// <summary>Swift's keys have a colon, which must be encoded in a URL.</summary>
    private const string AccessKey = "test:mimu";

    private const string SecretKey = "se/cr+et=";

    private readonly string _directory = Directory.CreateTempSubdirectory("mimu-swift-").FullName;
    private Process? _process;

    internal Uri Endpoint { get; private set; } = null!;

    private S3Address Address => new(Endpoint, Bucket, new S3Credentials(AccessKey, SecretKey, "us-east-1"));

    public async Task InitializeAsync()
    {
        _process = Process.Start(new ProcessStartInfo("/usr/bin/python3", [Repository.PathOf("tests", "s3", "store.py"), _directory, AccessKey, SecretKey])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var address = await Deadline.For("Swift to start", _process.StandardOutput.ReadLineAsync(), TimeSpan.FromSeconds(60));
        Assert.True(address is not null, $"Swift does not start: is python3-swift there? Run `make setup`. It says: {(address is null ? await _process.StandardError.ReadToEndAsync() : "")}");
        Endpoint = new Uri(address!);
        var made = SignedByHeader.Sign(new S3Request("PUT", Address.Host, $"/{Bucket}"), SigV4.EmptyPayload, Address.Credentials, TimeProvider.System.GetUtcNow());
        var answer = await Uploads.SendAsync(HttpMethod.Put, $"{Endpoint.GetLeftPart(UriPartial.Authority)}{made.PathAndQuery}", request =>
        {
            foreach (var (name, value) in made.Headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        });
        Assert.True(answer.Status == 200, $"The bucket was answered with {answer.Status} {answer.Text}");
    }

    public async Task DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }
        Directory.Delete(_directory, recursive: true);
    }

    internal S3BlobStore Open(string secret = SecretKey, string bucket = Bucket, string region = "us-east-1", string id = AccessKey) =>
        new(new S3Door(new S3Address(Endpoint, bucket, new S3Credentials(id, secret, region)), TimeProvider.System)) { PageSize = 5 };

    /// <summary>The settings that lead here.</summary>
    internal void Set(MimuOptions options)
    {
        options.Media.Backend = MediaBackend.S3;
        options.Media.Bucket = Bucket;
        options.Media.S3.Endpoint = Endpoint.ToString();
        options.Media.S3.AccessKey = AccessKey;
        options.Media.S3.SecretKey = SecretKey;
    }
}

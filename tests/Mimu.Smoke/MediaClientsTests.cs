using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Minio;
using Minio.DataModel.Args;

namespace Mimu.Smoke;

/// <summary>Section 8 of the protocol with clients that others have written: the built-in store's URLs are for any of them.</summary>
public sealed class MediaClientsTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task The_code_of_the_page_for_clients_sends_and_receives_files()
    {
        var code = Path.Combine(_directory.FullName, "files.mjs");
        await File.WriteAllTextAsync(code, CodeOf(await File.ReadAllTextAsync(Tool.FindAbove("docs/clients.md"))));
        var (program, address) = await ServeAsync();
        await using var server = program;
        var (alice, bob) = (await Client.RegisterAsync(address, "alice"), await Client.RegisterAsync(address, "bob"));
        await Tool.RunNodeAsync(Tool.FindAbove("tests/s3-clients/page.mjs"), code, address.ToString(), alice.Token, bob.Token);
        Assert.Empty(server.Errors);
    }

    [Fact]
    public async Task The_official_SDK_of_AWS_makes_the_same_signatures_and_understands_the_answers()
    {
        var tests = Tool.FindPackages("s3-clients");
        var (program, address) = await ServeAsync();
        await using var server = program;
        var alice = await Client.RegisterAsync(address, "alice");
        await Tool.RunNodeAsync(Path.Combine(tests, "aws.mjs"), address.ToString(), alice.Token, Path.Combine(_directory.FullName, "mimu-data", "media-keys"));
        Assert.Empty(server.Errors);
    }

    [Fact]
    public async Task Curl_uploads_a_file_and_fetches_it_whole_or_in_part()
    {
        var (program, address) = await ServeAsync();
        await using var server = program;
        var alice = await Client.RegisterAsync(address, "alice");
        var content = RandomNumberGenerator.GetBytes(2 * 1024 * 1024); // over 1 MiB curl asks first, by Expect: 100-continue
        var (sent, got) = (PathOf("sent"), PathOf("got"));
        await File.WriteAllBytesAsync(sent, content);
        var upload = await AskAsync(alice, content.Length, content);
        var url = (string)upload["upload_url"]!;

        Assert.Equal("200", await CurlAsync(["--upload-file", sent, .. HeadersOf(upload), url]));
        Assert.Equal("412", await CurlAsync(["--output", got, "--upload-file", sent, .. HeadersOf(upload), url]));

        var file = await alice.GetAsync($"/api/v1/media/{upload["file_key"]}");
        var download = (string)file["download_url"]!;
        Assert.Equal("200", await CurlAsync("--output", got, "--etag-save", PathOf("etag"), download));
        Assert.Equal(content, await File.ReadAllBytesAsync(got));
        Assert.Equal("304", await CurlAsync("--output", PathOf("unchanged"), "--etag-compare", PathOf("etag"), download));
        Assert.Equal("206", await CurlAsync("--output", got, "--range", "1000-1999", download));
        Assert.Equal(content[1000..2000], await File.ReadAllBytesAsync(got));
        Assert.Equal("206", await CurlAsync("--output", got, "--continue-at", "-", download)); // goes on behind what it has
        byte[] both = [.. content[1000..2000], .. content[1000..]];
        Assert.Equal(both, await File.ReadAllBytesAsync(got));
        Assert.Equal("416", await CurlAsync("--output", got, "--range", $"{content.Length}-", download));
        Assert.Contains("<Code>InvalidRange</Code>", await File.ReadAllTextAsync(got), StringComparison.Ordinal);

        Assert.Equal("200", await CurlAsync("--head", "--output", got, download));
        var head = await File.ReadAllLinesAsync(got);
        Assert.Contains($"Content-Length: {content.Length}", head);
        Assert.Contains("Accept-Ranges: bytes", head);
        Assert.Contains($"x-amz-checksum-sha256: {Convert.ToBase64String(SHA256.HashData(content))}", head);
        Assert.Empty(server.Errors);
    }

    [Fact]
    public async Task Curl_is_told_why_an_upload_is_refused()
    {
        var (program, address) = await ServeAsync();
        await using var server = program;
        var alice = await Client.RegisterAsync(address, "alice");
        var content = RandomNumberGenerator.GetBytes(3000);
        var (longer, other, said) = (PathOf("longer"), PathOf("other"), PathOf("said"));
        await File.WriteAllBytesAsync(longer, [.. content, 0]);
        await File.WriteAllBytesAsync(other, [.. content[1..], (byte)~content[0]]);
        var upload = await AskAsync(alice, content.Length, content);
        var url = (string)upload["upload_url"]!;
        string[] withoutLength = [.. HeadersOf(upload, "Content-Length")];

        Assert.Equal("403 SignatureDoesNotMatch", await RefusedAsync(["--upload-file", longer, .. withoutLength, url]));
        Assert.Equal("400 BadDigest", await RefusedAsync(["--upload-file", other, .. withoutLength, url]));
        Assert.Equal("403 SignatureDoesNotMatch", await RefusedAsync(["--upload-file", other, .. HeadersOf(upload, "Content-Type"), "--header", "Content-Type: text/html", url]));
        Assert.Equal("411 MissingContentLength", await RefusedAsync(["--upload-file", other, .. withoutLength, "--header", "Transfer-Encoding: chunked", url]));
        Assert.Equal("403 SignatureDoesNotMatch", await RefusedAsync([url]));
        Assert.Equal("405 MethodNotAllowed", await RefusedAsync(["--request", "DELETE", url]));
        Assert.Equal("403 AccessDenied", await RefusedAsync([url.Split('?')[0]]));
        Assert.False((bool)(await alice.GetAsync($"/api/v1/media/{upload["file_key"]}"))["uploaded"]!);
        Assert.Empty(server.Errors);

        async Task<string> RefusedAsync(string[] arguments)
        {
            var status = await CurlAsync(["--output", said, .. arguments]);
            return $"{status} {(await File.ReadAllTextAsync(said)).Split("<Code>")[1].Split("</Code>")[0]}";
        }
    }

    [Fact]
    public async Task The_SDK_of_MinIO_follows_the_URLs_and_makes_good_ones_for_downloads()
    {
        var (program, address) = await ServeAsync();
        await using var server = program;
        var alice = await Client.RegisterAsync(address, "alice");
        var content = RandomNumberGenerator.GetBytes(100_000);
        var upload = await AskAsync(alice, content.Length, content);
        var url = new Uri((string)upload["upload_url"]!);
        var (bucket, key) = (url.Segments[1].TrimEnd('/'), url.Segments[2]);
        var secret = (await File.ReadAllLinesAsync(Path.Combine(PathOf("mimu-data"), "media-keys")))[^1].Split(' ');
        using var minio = new MinioClient().WithEndpoint(address.Authority).WithSSL(false).WithRegion("us-east-1").WithCredentials(secret[0], secret[1]).Build();

        using (var body = new StreamContent(new MemoryStream(content)))
        {
            foreach (var (name, value) in upload["headers"]!.AsObject())
            {
                body.Headers.TryAddWithoutValidation(name, (string?)value);
            }
            await minio.WrapperPutAsync(url, body);
        }

        var file = await alice.GetAsync($"/api/v1/media/{key}");
        Assert.Equal(content, await FetchAsync((string)file["download_url"]!));
        Assert.Equal(content, await FetchAsync(await minio.PresignedGetObjectAsync(new PresignedGetObjectArgs().WithBucket(bucket).WithObject(key).WithExpiry(60))));
        Assert.Empty(server.Errors);

        async Task<byte[]> FetchAsync(string from)
        {
            using var answer = await minio.WrapperGetAsync(new Uri(from));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            return await answer.Content.ReadAsByteArrayAsync();
        }
    }

    private Task<(Program Program, Uri Address)> ServeAsync() =>
        Program.ServeAsync(_directory.FullName, ("MIMU_AUTH__ARGON2_MEMORY", "64KiB"), ("MIMU_AUTH__ARGON2_ITERATIONS", "1"));

    private string PathOf(string name) => Path.Combine(_directory.FullName, name);

    private static string CodeOf(string page)
    {
        var blocks = page.Split("```js\n");
        Assert.Equal(2, blocks.Length);
        return blocks[1].Split("```")[0];
    }

    private static Task<JsonNode> AskAsync(Client client, int size, byte[] content) => client.PostAsync("/api/v1/media/upload", new JsonObject
    {
        ["size"] = size,
        ["sha256"] = Convert.ToBase64String(SHA256.HashData(content)),
    });

    private static IEnumerable<string> HeadersOf(JsonNode upload, string? except = null) =>
        upload["headers"]!.AsObject().Where(header => header.Key != except).SelectMany(header => new[] { "--header", $"{header.Key}: {header.Value}" });

    /// <summary>The status that curl was told, without regard to what this machine has set for it.</summary>
    private static async Task<string> CurlAsync(params string[] arguments)
    {
        var (exitCode, said) = await Tool.RunAsync("curl", ["--disable", "--noproxy", "*", "--silent", "--show-error", "--max-time", "60", "--write-out", "%{http_code}", .. arguments]);
        Assert.True(exitCode == 0, $"curl ended with {exitCode} and said:\n{said}");
        return said;
    }
}

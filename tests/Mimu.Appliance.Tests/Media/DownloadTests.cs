using System.Globalization;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Media;

/// <summary>Parts of files, conditions, and web clients (protocol 8.3).</summary>
public sealed class DownloadTests(Host host) : IClassFixture<Host>
{
    private static readonly byte[] _content = System.Text.Encoding.ASCII.GetBytes("0123456789");

    [Theory]
    [InlineData("bytes=0-3", 206, "0123", "bytes 0-3/10")]
    [InlineData("bytes=8-", 206, "89", "bytes 8-9/10")]
    [InlineData("bytes=-3", 206, "789", "bytes 7-9/10")]
    [InlineData("bytes=5-99", 206, "56789", "bytes 5-9/10")]
    [InlineData("bytes=0-1,4-5", 200, "0123456789", null)]
    [InlineData("lines=1-2", 200, "0123456789", null)]
    [InlineData("bytes=4-1", 200, "0123456789", null)]
    public async Task A_part_can_be_fetched(string range, int status, string text, string? contentRange)
    {
        var url = await UrlAsync();
        var answer = await Uploads.FetchAsync(url, request => request.Range(range));
        Assert.Equal((status, text, contentRange), (answer.Status, answer.Text, answer.Header("Content-Range")));
        Assert.Equal(text.Length.ToString(CultureInfo.InvariantCulture), answer.Header("Content-Length"));
        Assert.Equal(status == 206, answer.Header("x-amz-checksum-sha256") is null);
    }

    [Fact]
    public async Task A_part_that_it_does_not_have_is_refused()
    {
        var answer = await Uploads.FetchAsync(await UrlAsync(), request => request.Range("bytes=10-"));
        answer.ExpectS3(416, "InvalidRange");
        Assert.Equal("bytes */10", answer.Header("Content-Range"));
    }

    [Fact]
    public async Task Head_says_all_but_the_file()
    {
        var answer = await Uploads.SendAsync(HttpMethod.Head, await UrlAsync());
        Assert.Equal((200, "", "10"), (answer.Status, answer.Text, answer.Header("Content-Length")));
        Assert.NotNull(answer.Header("ETag"));
        Assert.NotNull(answer.Header("Last-Modified"));
        Assert.Equal("attachment", answer.Header("Content-Disposition"));
    }

    [Fact]
    public async Task Conditions_are_judged_as_S3_does()
    {
        var url = await UrlAsync();
        var first = await Uploads.FetchAsync(url);
        var (tag, date) = (first.Header("ETag")!, first.Header("Last-Modified")!);
        var before = DateTimeOffset.Parse(date, CultureInfo.InvariantCulture).AddDays(-1).ToString("R", CultureInfo.InvariantCulture);
        foreach (var (expected, headers) in ((int, (string, string)[])[])[
            (304, [("If-None-Match", tag)]), (304, [("If-None-Match", $"\"x\", W/{tag}")]), (304, [("If-None-Match", "*")]), (200, [("If-None-Match", "\"x\"")]),
            (304, [("If-Modified-Since", date)]), (200, [("If-Modified-Since", before)]), (200, [("If-None-Match", "\"x\""), ("If-Modified-Since", date)]),
            (200, [("If-Match", tag)]), (200, [("If-Match", "*")]), (412, [("If-Match", "\"x\"")]), (412, [("If-Match", $"W/{tag}")]),
            (412, [("If-Unmodified-Since", before)]), (200, [("If-Unmodified-Since", date)]), (200, [("If-Match", tag), ("If-Unmodified-Since", before)]),
            (206, [("Range", "bytes=0-0"), ("If-Range", tag)]), (200, [("Range", "bytes=0-0"), ("If-Range", "\"x\"")]), (206, [("Range", "bytes=0-0"), ("If-Range", date)])])
        {
            var answer = await Uploads.FetchAsync(url, request =>
            {
                foreach (var (name, value) in headers)
                {
                    Assert.True(request.Headers.TryAddWithoutValidation(name, value));
                }
            });
            Assert.True(expected == answer.Status, $"{string.Join(", ", headers)}: {answer.Status}");
            if (expected == 412)
            {
                answer.ExpectS3(412, "PreconditionFailed");
            }
            else
            {
                Assert.Equal(tag, answer.Header("ETag"));
                Assert.Equal(expected == 304, answer.Text.Length == 0);
            }
        }
    }

    [Fact]
    public async Task Web_clients_of_the_origins_in_the_settings_may_come_and_others_not()
    {
        await using var open = await Host.Start(options => options.Server.CorsOrigins = ["https://web.example.org"]);
        var alice = await open.RegisterAsync("alice");
        var upload = await alice.RequestUploadAsync(10);
        var preflight = await AskAsync((string)upload["upload_url"]!, "https://web.example.org");
        Assert.Equal(204, preflight.Status);
        Assert.Equal("https://web.example.org", preflight.Header("Access-Control-Allow-Origin"));
        Assert.Contains("PUT", preflight.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.Equal("content-type,x-amz-checksum-sha256,range,if-none-match", preflight.Header("Access-Control-Allow-Headers"));
        Assert.Null((await AskAsync((string)upload["upload_url"]!, "https://evil.example.org")).Header("Access-Control-Allow-Origin"));

        foreach (var answer in (Answer[])[
            await upload.PutAsync(_content, From), await Uploads.FetchAsync(await alice.DownloadUrlAsync((string)upload["file_key"]!), From), await upload.PutAsync([1], From)])
        {
            Assert.Equal("https://web.example.org", answer.Header("Access-Control-Allow-Origin"));
            Assert.Equal("ETag,Content-Range,Accept-Ranges,x-amz-checksum-sha256", answer.Header("Access-Control-Expose-Headers"));
        }
        Assert.Null((await Uploads.FetchAsync(await UrlAsync(), From)).Header("Access-Control-Allow-Origin"));

        static void From(HttpRequestMessage request) => request.Headers.Add("Origin", "https://web.example.org");

        static Task<Answer> AskAsync(string url, string origin) => Uploads.SendAsync(HttpMethod.Options, url, request =>
        {
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", "PUT");
            request.Headers.Add("Access-Control-Request-Headers", "content-type,x-amz-checksum-sha256,range,if-none-match");
        });
    }

    [Fact]
    public async Task A_large_file_comes_back_as_it_went()
    {
        var alice = await host.RegisterAsync("alice");
        var content = System.Security.Cryptography.RandomNumberGenerator.GetBytes((32 << 20) + 1);
        var key = await alice.UploadAsync(content);
        var url = await alice.DownloadUrlAsync(key);
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        Assert.Equal(content, await Deadline.For("the file", client.GetByteArrayAsync(new Uri(url))));
    }

    private async Task<string> UrlAsync()
    {
        var alice = await host.RegisterAsync("alice");
        return await alice.DownloadUrlAsync(await alice.UploadAsync(_content));
    }
}

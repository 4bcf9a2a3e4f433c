using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Mimu.Appliance.Media;
using Mimu.Appliance.Tests.Admin;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Media;

/// <summary>What the built-in store refuses, in S3's words (protocol 8.2, 8.4), and that nothing comes of it.</summary>
public sealed class RefusalTests(ClockHost host) : IClassFixture<ClockHost>
{
    private static readonly byte[] _content = [1, 2, 3, 4];

    [Fact]
    public async Task Another_length_another_type_and_another_body_are_refused_and_the_upload_can_still_be_done()
    {
        var alice = await host.RegisterAsync("alice");
        var upload = await alice.RequestUploadAsync(4, "image/png", SHA256.HashData(_content));
        (await upload.PutAsync([1, 2, 3])).ExpectS3(403, "SignatureDoesNotMatch");
        (await upload.PutAsync([1, 2, 3, 4, 5])).ExpectS3(403, "SignatureDoesNotMatch");
        (await upload.PutAsync(_content, request => request.Content!.Headers.ContentType = Uploads.Type("image/jpeg"))).ExpectS3(403, "SignatureDoesNotMatch");
        (await upload.PutAsync(_content, request => request.Content!.Headers.ContentType = null)).ExpectS3(403, "SignatureDoesNotMatch");
        (await upload.PutAsync(_content, request => request.Headers.Remove("x-amz-checksum-sha256"))).ExpectS3(403, "SignatureDoesNotMatch");
        (await upload.PutAsync(_content, request => request.Headers.Add("x-amz-acl", "public-read"))).ExpectS3(403, "AccessDenied");
        (await upload.PutAsync([4, 3, 2, 1])).ExpectS3(400, "BadDigest");
        await ExpectNothingStoredAsync(alice, upload);
        Assert.Equal(200, (await upload.PutAsync(_content)).Status);
    }

    [Fact]
    public async Task A_body_without_a_length_is_refused_and_so_is_one_that_ends_early()
    {
        var alice = await host.RegisterAsync("alice");
        var upload = await alice.RequestUploadAsync(4);
        (await upload.PutAsync(_content, request => request.Headers.TransferEncodingChunked = true)).ExpectS3(411, "MissingContentLength");
        using (var connection = new RawConnection(host.Address))
        {
            await connection.WriteAsync(Head(upload) + "abc");
            await Deadline.Until("the upload to begin", () => Drafts().Length > 0);
            connection.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            await Deadline.Until("the draft to go", () => Drafts().Length == 0);
        }
        await ExpectNothingStoredAsync(alice, upload);
    }

    [Fact]
    public async Task A_client_that_goes_away_leaves_nothing()
    {
        var alice = await host.RegisterAsync("alice");
        var upload = await alice.RequestUploadAsync(1 << 20);
        using (var connection = new RawConnection(host.Address))
        {
            await connection.WriteAsync(Head(upload) + new string('x', 1 << 19));
            await Deadline.Until("the upload to begin", () => Drafts().Length > 0);
        }
        await Deadline.Until("the draft to go", () => Drafts().Length == 0);
        await ExpectNothingStoredAsync(alice, upload);
    }

    [Fact]
    public async Task Urls_expire()
    {
        var alice = await host.RegisterAsync("alice");
        var (upload, late) = (await alice.RequestUploadAsync(4), await alice.RequestUploadAsync(4));
        host.Clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await upload.PutAsync(_content)).Status);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        (await late.PutAsync(_content)).ExpectS3(403, "AccessDenied");

        await alice.RefreshAsync();
        var url = await alice.DownloadUrlAsync((string)upload["file_key"]!);
        host.Clock.Advance(TimeSpan.FromMinutes(60) - TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await Uploads.FetchAsync(url)).Status);
        host.Clock.Advance(TimeSpan.FromSeconds(2));
        (await Uploads.FetchAsync(url)).ExpectS3(403, "AccessDenied");
    }

    [Fact]
    public async Task A_url_is_good_for_what_it_was_made_for_and_for_nothing_else()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var (one, other) = (await alice.UploadAsync(_content), await bob.UploadAsync([9]));
        var url = await alice.DownloadUrlAsync(one);
        var (path, query) = (url[..url.IndexOf('?', StringComparison.Ordinal)], url[url.IndexOf('?', StringComparison.Ordinal)..]);
        var place = path[..^one.Length];
        foreach (var tampered in (string[])[
            path, path + "?", place + other + query, url.Replace("X-Amz-Expires=3600", "X-Amz-Expires=36000", StringComparison.Ordinal), url + "&x=1",
            url[..^1] + (url[^1] == '0' ? '1' : '0'), url.ToUpperInvariant().Replace("HTTP", "http", StringComparison.Ordinal)[..(path.Length + 1)] + query[1..],
            place + "%2e%2e/" + one + query, place + "../" + one + query, place + one + "/" + query, place + "/" + one + query, place[..^1] + "%2f" + one + query, url + query[1..],
            path + "?" + string.Join('&', query[1..].Split('&').Append("X-Amz-Expires=3600")), url + "&" + new string('a', 5000), place + new string('a', 4000) + query, place, place[..^1]])
        {
            var answer = await Uploads.FetchAsync(tampered);
            Assert.True(answer.Status is 400 or 403 or 404, $"{tampered} was answered with {answer.Status}");
            Assert.DoesNotContain("\u0001", answer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain("UNSIGNED-PAYLOAD", answer.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(host.DataDirectory, answer.Text, StringComparison.Ordinal);
        }
        // The order of parameters is nobody's business (S3 sorts them too).
        Assert.Equal(200, (await Uploads.FetchAsync(path + "?" + string.Join('&', query[1..].Split('&').Reverse()))).Status);
        (await Uploads.SendAsync(HttpMethod.Put, url, request => request.Content = new ByteArrayContent(_content))).ExpectS3(403, "SignatureDoesNotMatch");
        (await Uploads.FetchAsync(url, request => request.Headers.Host = "evil.example.org")).ExpectS3(403, "SignatureDoesNotMatch");
        foreach (var method in (string[])["POST", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
        {
            var answer = await Uploads.SendAsync(new HttpMethod(method), url);
            answer.ExpectS3(405, "MethodNotAllowed");
            Assert.Equal("GET, HEAD, PUT", answer.Header("Allow"));
        }
        var head = await Uploads.SendAsync(HttpMethod.Head, path);
        Assert.Equal((403, ""), (head.Status, head.Text));
        (await Uploads.FetchAsync(await alice.DownloadUrlAsync(one))).Expect4();
    }

    [Fact]
    public async Task What_a_client_sent_stands_in_an_error_only_as_xml_can_say_it()
    {
        var alice = await host.RegisterAsync("alice");
        var url = await alice.DownloadUrlAsync(await alice.UploadAsync(_content));
        var answer = await Uploads.FetchAsync(url.Replace("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=host%3Bx-%3Cb%3E%00%26", StringComparison.Ordinal));
        Assert.True(answer.Status is 400 or 403);
        Assert.NotNull(System.Xml.Linq.XDocument.Parse(answer.Text));
    }

    [Fact]
    public async Task Former_keys_are_good_until_their_urls_have_expired()
    {
        var alice = await host.RegisterAsync("alice");
        var url = await alice.DownloadUrlAsync(await alice.UploadAsync(_content));
        var change = host.Services.GetRequiredService<MediaKeyChange>();
        var keyId = (string?)(await CommandLine.Of(host).AskAsync("admin", "media-key", "rotate"))["key_id"];
        Assert.Equal(keyId, host.Services.GetRequiredService<MediaKeys>().Signing.AccessKeyId);
        Assert.Equal(200, (await Uploads.FetchAsync(url)).Status);
        (await Uploads.FetchAsync(await alice.DownloadUrlAsync(await alice.UploadAsync(_content)))).Expect4();
        host.Clock.Advance(TimeSpan.FromMinutes(60) - TimeSpan.FromSeconds(1));
        change.DropUseless();
        Assert.Equal(200, (await Uploads.FetchAsync(url)).Status);
        host.Clock.Advance(TimeSpan.FromSeconds(4));
        change.DropUseless();
        (await Uploads.FetchAsync(url)).ExpectS3(403, "InvalidAccessKeyId");
    }

    private string Head(JsonObject upload) =>
        $"PUT {new Uri((string)upload["upload_url"]!).PathAndQuery} HTTP/1.1\r\nHost: {host.Address.Authority}\r\nContent-Type: application/octet-stream\r\n"
        + $"Content-Length: {(string)upload["headers"]!["Content-Length"]!}\r\n\r\n";

    private string[] Drafts() => Directory.GetFiles(Path.Combine(host.Options.MediaPath, "tmp"));

    private async Task ExpectNothingStoredAsync(Person person, JsonObject upload)
    {
        var key = (string)upload["file_key"]!;
        Assert.False((bool)(await person.TryGetFileAsync(key)).Expect(200)["uploaded"]!);
        Assert.Empty(Directory.GetFiles(host.Options.MediaPath, $"{key}*", SearchOption.AllDirectories));
        Assert.Equal(0, await person.StorageUsedAsync());
    }
}

using System.Security.Cryptography;
using System.Text;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Media;

/// <summary>Protocol section 8, from asking for an upload to deleting the file.</summary>
public sealed class MediaTests(Host host) : IClassFixture<Host>
{
    private static readonly byte[] _letter = Encoding.UTF8.GetBytes("nobody but two can read this");

    [Fact]
    public async Task A_file_goes_up_and_whoever_knows_its_key_has_it()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var upload = await alice.RequestUploadAsync(_letter.Length, "image/png", SHA256.HashData(_letter));
        Assert.Equal("PUT", (string?)upload["method"]);
        Assert.StartsWith($"{host.Address.GetLeftPart(UriPartial.Authority)}/mimu-media/{(string)upload["file_key"]!}?X-Amz-", (string)upload["upload_url"]!, StringComparison.Ordinal);
        var key = (string)upload["file_key"]!;

        var waiting = (await alice.TryGetFileAsync(key)).Expect(200);
        Assert.False((bool)waiting["uploaded"]!);
        Assert.Null(waiting["download_url"]);
        (await bob.TryGetFileAsync(key)).ExpectProblem(404, "not_found");

        var put = await upload.PutAsync(_letter);
        Assert.Equal((200, ""), (put.Status, put.Text));
        Assert.Equal(_letter.Length, await alice.StorageUsedAsync());

        var file = (await bob.TryGetFileAsync(key)).Expect(200);
        Assert.True((bool)file["uploaded"]!);
        Assert.Equal((key, _letter.Length, "image/png"), ((string)file["file_key"]!, (int)file["size"]!, (string)file["content_type"]!));
        var got = await Uploads.FetchAsync((string)file["download_url"]!);
        Assert.Equal(200, got.Status);
        Assert.Equal(_letter, Encoding.UTF8.GetBytes(got.Text));
        Assert.Equal(put.Header("ETag"), got.Header("ETag"));
        Assert.Equal("image/png", got.ContentType);
        Assert.Equal("attachment", got.Header("Content-Disposition"));
        Assert.Equal("nosniff", got.Header("X-Content-Type-Options"));
        Assert.Contains("sandbox", got.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal("private", got.Header("Cache-Control"));
        Assert.Equal("bytes", got.Header("Accept-Ranges"));
        Assert.Equal(Convert.ToBase64String(SHA256.HashData(_letter)), got.Header("x-amz-checksum-sha256"));

        (await bob.Http.DeleteAsync($"/api/v1/media/{key}")).ExpectProblem(404, "not_found");
        (await alice.Http.DeleteAsync($"/api/v1/media/{key}")).ExpectNothing();
        (await alice.TryGetFileAsync(key)).ExpectProblem(404, "not_found");
        (await Uploads.FetchAsync((string)file["download_url"]!)).ExpectS3(404, "NoSuchKey");
        (await alice.Http.DeleteAsync($"/api/v1/media/{key}")).ExpectProblem(404, "not_found");
        Assert.Equal(0, await alice.StorageUsedAsync());
        Assert.Empty(Directory.GetFiles(host.Options.MediaPath, $"{key}*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_key_is_written_once()
    {
        var alice = await host.RegisterAsync("alice");
        var upload = await alice.RequestUploadAsync(4);
        Assert.Equal(200, (await upload.PutAsync([1, 2, 3, 4])).Status);
        (await upload.PutAsync([5, 6, 7, 8])).ExpectS3(412, "PreconditionFailed");
        var url = await alice.DownloadUrlAsync((string)upload["file_key"]!);
        Assert.Equal("\u0001\u0002\u0003\u0004", (await Uploads.FetchAsync(url)).Text);
    }

    [Fact]
    public async Task What_is_wrong_with_a_request_is_told()
    {
        var alice = await host.RegisterAsync("alice");
        (await alice.TryRequestUploadAsync(0)).ExpectFaults("size");
        (await alice.TryRequestUploadAsync(-1, "no type", new byte[31])).ExpectFaults("size", "content_type", "sha256");
        (await alice.TryRequestUploadAsync(1, "text/plain\r\nX-Evil: 1")).ExpectFaults("content_type");
        (await alice.TryRequestUploadAsync((2L << 30) + 1)).ExpectProblem(413, "payload_too_large");
        foreach (var key in (string[])["x", "../../etc/passwd", new string('a', 33), new string('A', 32), new string('1', 32)])
        {
            (await alice.TryGetFileAsync(Uri.EscapeDataString(key))).ExpectProblem(404, "not_found");
        }
        (await alice.TryGetFileAsync(new string('a', 32))).ExpectProblem(404, "not_found");
    }

    [Fact]
    public async Task Files_go_with_their_account()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var key = await alice.UploadAsync(_letter);
        var url = await bob.DownloadUrlAsync(key);
        await alice.DeleteAccountAsync();
        (await bob.TryGetFileAsync(key)).ExpectProblem(404, "not_found");
        (await Uploads.FetchAsync(url)).ExpectS3(404, "NoSuchKey");
    }
}

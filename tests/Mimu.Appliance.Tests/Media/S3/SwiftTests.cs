using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Mimu.Appliance.Media.S3;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Media;

namespace Mimu.Appliance.Tests.Media.S3;

/// <summary>
/// Protocol section 8 with a real store that is not ours and checks signatures. It proves that another's reading of Signature Version 4 is ours, in the query and in headers, signed
/// lengths and types included; that keys are written once; ranges, lists, dispositions and error codes. It does not prove that a store compares <c>x-amz-checksum-sha256</c> with the
/// body, which this version of Swift does not, nor that its own door lets conditional PUTs in, which tests/s3/store.py has it do.
/// </summary>
public sealed class SwiftTests(Swift swift) : IClassFixture<Swift>
{
    private static readonly byte[] _letter = Encoding.UTF8.GetBytes("nobody but two can read this");

    [Fact]
    public async Task A_file_goes_up_and_down_by_presigned_URLs_and_is_deleted()
    {
        await using var host = await Host.Start(swift.Set);
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var upload = await alice.RequestUploadAsync(_letter.Length, "image/png", SHA256.HashData(_letter));
        Assert.StartsWith($"{swift.Endpoint}{Swift.Bucket}/", (string)upload["upload_url"]!, StringComparison.Ordinal);
        Assert.Equal("*", (string?)upload["headers"]!["If-None-Match"]);
        var key = (string)upload["file_key"]!;
        Assert.False((bool)(await alice.TryGetFileAsync(key)).Expect(200)["uploaded"]!);
        (await bob.TryGetFileAsync(key)).ExpectProblem(404, "not_found");

        Assert.Equal(200, (await upload.PutAsync(_letter)).Status);
        Assert.Equal(412, (await upload.PutAsync(_letter)).Status);

        // Nobody tells the server; that there is a file it learns from whoever asks.
        var url = await bob.DownloadUrlAsync(key);
        Assert.Equal(_letter.Length, await alice.StorageUsedAsync());
        var got = await Uploads.FetchAsync(url);
        Assert.Equal((200, Encoding.UTF8.GetString(_letter), "image/png"), (got.Status, got.Text, got.ContentType));
        Assert.StartsWith("attachment", got.Header("Content-Disposition"), StringComparison.Ordinal);
        var part = await Uploads.FetchAsync(url, request => request.Range("bytes=7-9"));
        Assert.Equal((206, "but"), (part.Status, part.Text));

        Assert.Equal(204, (await alice.Http.DeleteAsync($"/api/v1/media/{key}")).Status);
        Assert.Equal(404, (await Uploads.FetchAsync(url)).Status);
        Assert.Equal(0, await alice.StorageUsedAsync());
    }

    [Fact]
    public async Task Another_length_type_key_or_word_is_refused_by_the_store()
    {
        await using var host = await Host.Start(swift.Set);
        var alice = await host.RegisterAsync("alice");
        var upload = await alice.RequestUploadAsync(_letter.Length, "image/png");
        await ExpectRefusalAsync(upload.PutAsync([.. _letter, 1]));
        await ExpectRefusalAsync(upload.PutAsync(_letter[1..]));
        await ExpectRefusalAsync(upload.PutAsync(_letter, request => request.Content!.Headers.ContentType = new MediaTypeHeaderValue("text/html")));
        await ExpectRefusalAsync(upload.PutAsync(_letter, request => request.Headers.Remove("If-None-Match")));
        var elsewhere = JsonNode.Parse(upload.ToJsonString())!.AsObject();
        elsewhere["upload_url"] = ((string)upload["upload_url"]!).Replace((string)upload["file_key"]!, FileKey.New().ToString(), StringComparison.Ordinal);
        await ExpectRefusalAsync(elsewhere.PutAsync(_letter));
        Assert.False((bool)(await alice.TryGetFileAsync((string)upload["file_key"]!)).Expect(200)["uploaded"]!);

        var url = await alice.DownloadUrlAsync(await alice.UploadAsync(_letter));
        await ExpectRefusalAsync(Uploads.FetchAsync(url.Replace("attachment", "inline", StringComparison.Ordinal)));
        await ExpectRefusalAsync(Uploads.SendAsync(HttpMethod.Put, url, request => request.Content = new ByteArrayContent(_letter)));
    }

    [Fact]
    public async Task The_server_stores_reads_lists_and_deletes()
    {
        using var blobs = swift.Open();
        var content = RandomNumberGenerator.GetBytes(700_000);
        var (key, hash) = (FileKey.New(), SHA256.HashData(content));
        Assert.Equal(BlobOutcome.WrongChecksum, (await StoreAsync(new byte[32])).Outcome);
        Assert.Equal(BlobOutcome.WrongSize, (await blobs.StoreAsync(key, new MemoryStream(content), content.Length + 1, null, default)).Outcome);
        Assert.Null(await blobs.FindSizeAsync(key, default));
        Assert.Equal(BlobOutcome.Stored, (await StoreAsync(hash)).Outcome);
        Assert.Equal(BlobOutcome.Exists, (await StoreAsync(hash)).Outcome);
        Assert.Equal(content.Length, await blobs.FindSizeAsync(key, default));
        await using (var stream = (await blobs.OpenAsync(key, default))!)
        {
            Assert.Equal(hash, await SHA256.HashDataAsync(stream));
            stream.Position = 699_000;
            var end = new byte[1000];
            await stream.ReadExactlyAsync(end);
            Assert.Equal(content[699_000..], end);
        }
        var others = Enumerable.Range(0, 11).Select(_ => FileKey.New()).ToList();
        foreach (var other in others)
        {
            Assert.Equal(BlobOutcome.Stored, (await blobs.StoreAsync(other, new MemoryStream([1]), 1, sha256: null, default)).Outcome);
        }
        var listed = await blobs.ListAsync(default).ToListAsync();
        Assert.Superset(others.Append(key).ToHashSet(), listed.ToHashSet());
        Assert.True(await blobs.DeleteAsync(key, default));
        Assert.False(await blobs.DeleteAsync(key, default));
        Assert.Null(await blobs.OpenAsync(key, default));

        async Task<BlobReceipt> StoreAsync(byte[] sha256) => await blobs.StoreAsync(key, new MemoryStream(content), content.Length, sha256, default);
    }

    [Fact]
    public async Task What_is_wrong_is_said_in_the_words_of_a_real_store()
    {
        await ExpectAsync("SignatureDoesNotMatch", secret: "wrong");
        // Others say InvalidAccessKeyId.
        await ExpectAsync("SignatureDoesNotMatch", id: "nobody:here");
        await ExpectAsync("NoSuchBucket", bucket: "missing");
        await ExpectAsync("AuthorizationHeaderMalformed", region: "eu-central-1");
    }

    private async Task ExpectAsync(string code, string secret = "se/cr+et=", string bucket = Swift.Bucket, string region = "us-east-1", string id = "test:mimu")
    {
        using var blobs = swift.Open(secret, bucket, region, id);
        var e = await Assert.ThrowsAsync<S3Exception>(async () => await blobs.CheckAsync(default));
        Assert.Equal(code, e.Code);
        Assert.Contains("media.", e.Message, StringComparison.Ordinal);
    }

    private static async Task ExpectRefusalAsync(Task<Answer> asked)
    {
        var answer = await asked;
        Assert.True(answer.Status == 403 && answer.Text.Contains("SignatureDoesNotMatch", StringComparison.Ordinal), $"was answered with {answer.Status} {answer.Text}");
    }
}

using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Mimu.Appliance.Media.S3;
using Mimu.Core.Media;
using Mimu.Specification;
using Deadline = Mimu.Appliance.Tests.Stage.Deadline;

namespace Mimu.Appliance.Tests.Media.S3;

/// <summary>What <see cref="IBlobStore"/> promises, of a store whose lists have many pages.</summary>
public sealed class BlobsInAnOutsideStore : BlobStoreSpec
{
    protected override async ValueTask<IBlobStoreUnderTest> OpenAsync()
    {
        var store = await OutsideStore.StartAsync();
        return new UnderTest(store, store.Open(pageSize: 7));
    }

    private sealed record UnderTest(OutsideStore Store, S3BlobStore Opened) : IBlobStoreUnderTest
    {
        public IBlobStore Blobs => Opened;

        public async ValueTask DisposeAsync()
        {
            Opened.Dispose();
            await Store.DisposeAsync();
        }
    }
}

/// <summary>Stores that refuse, fail, stall, and lie.</summary>
public sealed class S3BlobStoreTests : IAsyncLifetime
{
    private static readonly byte[] _content = RandomNumberGenerator.GetBytes(400_000);
    private readonly FileKey _key = FileKey.New();
    private OutsideStore _store = null!;

    public async Task InitializeAsync() => _store = await OutsideStore.StartAsync();

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task What_is_wrong_is_said_with_what_to_do()
    {
        using (var blobs = _store.Open())
        {
            await blobs.CheckAsync(default);
        }
        await ExpectAsync(_store.Open(id: "OTHERKEY"), "InvalidAccessKeyId", "media.s3.access_key");
        await ExpectAsync(_store.Open(secret: "wrong"), "SignatureDoesNotMatch", "media.s3.secret_key");
        await ExpectAsync(_store.Open(bucket: "missing"), "NoSuchBucket", "media.bucket");
        using var nobody = new S3BlobStore(new S3Door(new S3Address(new Uri("http://127.0.0.1:9"), "files", new S3Credentials("a", "secret-of-nobody", "r")), TimeProvider.System));
        await ExpectAsync(nobody, code: null, "media.s3.endpoint");
    }

    [Fact]
    public async Task What_passes_is_tried_again_and_what_does_not_is_told()
    {
        await Store();
        using var blobs = _store.Open();
        var failures = 0;
        _store.Whim = async http => failures++ < 2 && await OutsideStore.FailAsync(http, 503, "SlowDown");
        Assert.Equal(_content.Length, await blobs.FindSizeAsync(_key, default));
        Assert.Equal(3, failures);
        _store.Whim = http => OutsideStore.FailAsync(http, 500, "InternalError");
        await ExpectAsync(blobs, "InternalError", "can't do this right now");
    }

    [Fact]
    public async Task A_store_that_never_answers_is_given_up()
    {
        using var blobs = _store.Open(patience: TimeSpan.FromMilliseconds(300));
        _store.Whim = async http =>
        {
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        var e = await Assert.ThrowsAsync<S3Exception>(async () => await Deadline.For("the store to be given up", blobs.FindSizeAsync(_key, default).AsTask()));
        Assert.Contains("does not answer in time", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<S3Exception>(async () => await Deadline.For("it to be given up again", blobs.StoreAsync(_key, new MemoryStream(_content), _content.Length, null, default).AsTask()));
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_not_told_of_the_store()
    {
        using var blobs = _store.Open();
        using var giveUp = new CancellationTokenSource();
        _store.Whim = async http =>
        {
            await giveUp.CancelAsync();
            await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            return true;
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await blobs.FindSizeAsync(_key, giveUp.Token));
    }

    [Fact]
    public async Task Redirects_are_not_followed()
    {
        using var blobs = _store.Open();
        _store.Whim = http =>
        {
            http.Response.Headers.Location = "http://127.0.0.1:1/elsewhere";
            return OutsideStore.FailAsync(http, 307, "TemporaryRedirect");
        };
        await ExpectAsync(blobs, "TemporaryRedirect", "media.s3.region");
        Assert.Single(_store.Calls);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("<html><body>A web site</body></html>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"aaaa\">]><ListBucketResult><Name>&a;</Name></ListBucketResult>")]
    [InlineData("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>")]
    public async Task What_is_no_list_is_none(string answer)
    {
        using var blobs = _store.Open();
        _store.Whim = async http =>
        {
            await http.Response.WriteAsync(answer);
            return true;
        };
        await ExpectAsync(blobs, code: null, "no list of files");
    }

    [Fact]
    public async Task A_list_that_is_not_in_order_is_not_believed()
    {
        using var blobs = _store.Open();
        var keys = new[] { FileKey.New(), FileKey.New() }.OrderByDescending(key => key.ToString(), StringComparer.Ordinal);
        _store.Whim = async http =>
        {
            await http.Response.WriteAsync($"<ListBucketResult>{string.Concat(keys.Select(key => $"<Contents><Key>{key}</Key></Contents>"))}</ListBucketResult>");
            return true;
        };
        await Assert.ThrowsAsync<S3Exception>(async () => await blobs.ListAsync(default).LastAsync());
    }

    [Fact]
    public async Task A_connection_that_breaks_while_reading_is_made_again()
    {
        await Store();
        using var blobs = _store.Open();
        var reads = 0;
        _store.Whim = async http =>
        {
            if (http.Request.Method == "GET" && reads++ == 0)
            {
                http.Response.ContentLength = _content.Length;
                await http.Response.Body.WriteAsync(_content.AsMemory(0, 100_000));
                await http.Response.Body.FlushAsync();
                http.Abort();
                return true;
            }
            return false;
        };
        await using var stream = (await blobs.OpenAsync(_key, default))!;
        Assert.Equal(SHA256.HashData(_content), await SHA256.HashDataAsync(stream));
        Assert.Equal(2, reads);
    }

    [Fact]
    public async Task No_message_has_a_secret_or_a_signature_in_it()
    {
        foreach (var status in (int[])[400, 401, 403, 404, 409, 418, 429, 500, 501, 503, 301])
        {
            using var blobs = _store.Open();
            _store.Whim = http => OutsideStore.FailAsync(http, status, status % 2 == 0 ? "Surprise" : null);
            var e = await Assert.ThrowsAsync<S3Exception>(async () => await blobs.CheckAsync(default));
            Assert.DoesNotContain("outside/secret+", e.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("list-type", e.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain("Signature=", e.ToString(), StringComparison.Ordinal);
        }
    }

    private static async Task ExpectAsync(S3BlobStore blobs, string? code, string advice)
    {
        var e = await Assert.ThrowsAsync<S3Exception>(async () => await blobs.CheckAsync(default));
        Assert.Equal(code, e.Code);
        Assert.Contains(advice, e.Message, StringComparison.Ordinal);
    }

    private async Task Store()
    {
        using var blobs = _store.Open();
        Assert.Equal(BlobOutcome.Stored, (await blobs.StoreAsync(_key, new MemoryStream(_content), _content.Length, SHA256.HashData(_content), default)).Outcome);
    }
}

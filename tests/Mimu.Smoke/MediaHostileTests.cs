using System.Diagnostics;

namespace Mimu.Smoke;

/// <summary>What is not as it was signed is refused in S3's words (protocol 8.4); nothing comes of it, and neither answers nor the log tell anything.</summary>
public sealed class MediaHostileTests : IAsyncLifetime, IDisposable
{
    /// <summary>The server gives a slow body 10 s, and more on a machine that has other things to do.</summary>
    private static readonly TimeSpan _untilCut = TimeSpan.FromSeconds(20);

    private readonly TemporaryDirectory _directory = new();
    private readonly List<RawAnswer> _answers = [];
    private readonly List<string> _secrets = ["UNSIGNED-PAYLOAD"];

    private Program _server = null!;
    private Uri _address = null!;
    private Client _alice = null!;

    public async Task InitializeAsync()
    {
        await StartAsync();
        _alice = await Client.RegisterAsync(_address, "alice");
    }

    /// <summary>After each test: what was said to whom.</summary>
    public async Task DisposeAsync()
    {
        try
        {
            var told = _answers.Select(answer => answer.Head + answer.Text).Append(_server.Output.Split('\n', 4)[^1]).Append(_server.Errors).ToList();
            foreach (var secret in _secrets.Append(_directory.FullName).Concat((await File.ReadAllTextAsync(_directory.PathOf("mimu-data/media-keys"))).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries)))
            {
                Assert.All(told, text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
            }
            // Where it listens, where its data is, and who may register.
            Assert.Equal(3, _server.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
            Assert.Empty(_server.Errors);
        }
        finally
        {
            await _server.DisposeAsync();
        }
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_query_or_a_path_that_is_not_as_it_was_signed_opens_nothing()
    {
        var (one, other) = (await StoreAsync(4), await StoreAsync(4));
        var target = await TargetOfAsync(one);
        var (path, query) = (target[..target.IndexOf('?', StringComparison.Ordinal)], target[(target.IndexOf('?', StringComparison.Ordinal) + 1)..]);
        var place = path[..^one.Key.Length];
        var parameters = query.Split('&');

        await RefuseAsync(403, "AccessDenied", "GET", path);
        await RefuseAsync(403, "AccessDenied", "GET", path + "?");
        await RefuseAsync(403, "AccessDenied", "GET", place + "..%2f..%2fmimu.db");
        await RefuseAsync(403, "AccessDenied", "GET", place);
        foreach (var elsewhere in (string[])[
            other.Key, "%2e%2e/" + one.Key, "../" + one.Key, "..%2f" + one.Key, "%2e%2e%2f%2e%2e%2fmimu.db", "%252e%252e%252fmimu.db", "../../../../etc/passwd",
            "/" + one.Key, one.Key + "/", one.Key[..^1], "tmp/" + one.Key, one.Key[..2] + "/" + one.Key, ""])
        {
            await RefuseAsync(403, "SignatureDoesNotMatch", "GET", place + elsewhere + "?" + query);
        }
        await RefuseAsync(403, "SignatureDoesNotMatch", "GET", place + "/" + one.Key + "?" + query);
        await RefuseAsync(403, "SignatureDoesNotMatch", "GET", target.Replace("X-Amz-Expires=3600", "X-Amz-Expires=36000", StringComparison.Ordinal));
        await RefuseAsync(403, "SignatureDoesNotMatch", "GET", target[..^1] + (target[^1] == '0' ? '1' : '0'));
        await RefuseAsync(403, "SignatureDoesNotMatch", "GET", target + "&x=1");
        await RefuseAsync(403, "SignatureDoesNotMatch", "GET", target, "Host: evil.example.org\r\n");
        await RefuseAsync(403, "InvalidAccessKeyId", "GET", target.Replace("X-Amz-Credential=", "X-Amz-Credential=x", StringComparison.Ordinal));
        const string malformed = "AuthorizationQueryParametersError";
        await RefuseAsync(400, malformed, "GET", target + "&" + query);
        foreach (var parameter in parameters)
        {
            await RefuseAsync(400, malformed, "GET", target + "&" + parameter);
            await RefuseAsync(400, malformed, "GET", path + "?" + string.Join('&', parameters.Where(it => it != parameter)));
        }
        await RefuseAsync(400, malformed, "GET", target + "&x=%zz");
        await RefuseAsync(400, malformed, "GET", target + "&x=" + new string('a', 5000));
        await RefuseAsync(400, malformed, "GET", place + new string('a', 4000) + "?" + query);
        await RefuseAsync(400, malformed, "GET", target.Replace("X-Amz-SignedHeaders=host", "X-Amz-SignedHeaders=host%3Bx-%3Cb%3E%00%26", StringComparison.Ordinal));
        // What no path of the store can be is none of its business.
        Assert.Equal(414, (await AskAsync("GET", target + "&x=" + new string('a', 20_000))).Status);
        Assert.Equal(400, (await AskAsync("GET", path + "%00?" + query)).Status);
        Assert.Equal(404, (await AskAsync("GET", "/%6d" + target[2..])).Status);
        Assert.Equal(404, (await AskAsync("GET", "/" + target)).Status);
        Assert.Equal(400, (await AskAsync("GET", $"http://evil.example.org{target}")).Status);
        Assert.Equal(404, (await AskAsync("GET", "/x/.." + target)).Status);

        // S3 sorts them too.
        Assert.Equal(one.Content, (await AskAsync("GET", path + "?" + string.Join('&', parameters.Reverse()))).Body);
        await ExpectStoredAsync(one, other);
    }

    [Fact]
    public async Task Other_methods_and_other_headers_change_nothing()
    {
        var file = await StoreAsync(4);
        var target = await TargetOfAsync(file);
        foreach (var method in (string[])["DELETE", "POST", "PATCH", "PROPFIND", "OPTIONS", "TRACE", "MKCOL", "get"])
        {
            await RefuseAsync(405, "MethodNotAllowed", method, target);
        }
        await RefuseAsync(403, "SignatureDoesNotMatch", "PUT", target, "Content-Length: 1\r\n", [1]);
        await RefuseAsync(403, "AccessDenied", "GET", target, "x-amz-meta-a: b\r\n");
        var host = $"Host: {_address.Authority}\r\n";
        Assert.Equal(400, (await AskAsync("GET", target, host + host)).Status);
        Assert.Equal(431, (await AskAsync("GET", target, $"X-Large: {new string('x', 60_000)}\r\n")).Status);
        Assert.Equal(431, (await AskAsync("GET", target, string.Concat(Enumerable.Range(0, 500).Select(i => $"X-{i}: 1\r\n")))).Status);
        Assert.Equal(400, (await AskAsync("GET", target, "X-Folded: a\r\n b\r\n: c\r\n")).Status);
        await ExpectStoredAsync(file);
    }

    [Fact]
    public async Task A_body_that_is_not_as_it_was_signed_is_stored_neither_whole_nor_in_part()
    {
        var upload = Take(await Upload.AskAsync(_alice, 4, tellsChecksum: true));
        await RefuseAsync(403, "SignatureDoesNotMatch", "PUT", upload.Target, upload.Headers.Replace("Content-Length: 4", "Content-Length: 3", StringComparison.Ordinal), [1, 2, 3]);
        await RefuseAsync(403, "SignatureDoesNotMatch", "PUT", upload.Target, upload.Headers.Replace("Content-Length: 4", "Content-Length: 5", StringComparison.Ordinal), [1, 2, 3, 4, 5]);
        await RefuseAsync(403, "SignatureDoesNotMatch", "PUT", upload.Target, upload.Headers.Replace("octet-stream", "x-other", StringComparison.Ordinal), upload.Content);
        await RefuseAsync(403, "SignatureDoesNotMatch", "PUT", upload.Target, upload.Headers.Replace("x-amz-checksum-sha256", "x-other", StringComparison.Ordinal), upload.Content);
        await RefuseAsync(403, "SignatureDoesNotMatch", "PUT", upload.Target, upload.Headers.Replace(_address.Authority, "evil.example.org", StringComparison.Ordinal), upload.Content);
        await RefuseAsync(403, "AccessDenied", "PUT", upload.Target, upload.Headers + "x-amz-acl: public-read\r\n", upload.Content);
        await RefuseAsync(400, "BadDigest", "PUT", upload.Target, upload.Headers, [.. upload.Content.Select(it => (byte)~it)]);
        const string chunks = "4\r\nabcd\r\n0\r\n\r\n";
        await RefuseAsync(411, "MissingContentLength", "PUT", upload.Target, upload.Headers.Replace("Content-Length: 4", "Transfer-Encoding: chunked", StringComparison.Ordinal), [.. chunks.Select(c => (byte)c)]);
        // Two lengths of one body are how requests are smuggled past proxies.
        Assert.InRange((await AskAsync("PUT", upload.Target, upload.Headers + "Transfer-Encoding: chunked\r\n", [.. chunks.Select(c => (byte)c)])).Status, 400, 411);
        Assert.Equal(400, (await AskAsync("PUT", upload.Target, upload.Headers + "Content-Length: 5\r\n", upload.Content)).Status);
        Assert.Equal(400, (await AskAsync("PUT", upload.Target, upload.Headers.Replace("Content-Length: 4", "Content-Length: -4", StringComparison.Ordinal), upload.Content)).Status);
        await BreakOffAsync(upload);
        await ExpectStoredAsync();
        Assert.False((bool)(await _alice.FindFileAsync(upload.Key))!["uploaded"]!);

        // What follows the body is no part of it.
        Assert.Equal(200, (await AskAsync("PUT", upload.Target, upload.Headers, [.. upload.Content, 5, 6, 7])).Status);
        await RefuseAsync(412, "PreconditionFailed", "PUT", upload.Target, upload.Headers, upload.Content);
        await RefuseAsync(412, "PreconditionFailed", "PUT", upload.Target, upload.Headers, [9, 9, 9, 9]);
        await ExpectStoredAsync(upload);

        await _alice.DeleteFileAsync(upload.Key);
        await RefuseAsync(404, "NoSuchKey", "PUT", upload.Target, upload.Headers, upload.Content);
        Assert.Equal(0, await _alice.StorageUsedAsync());
    }

    /// <summary>One byte after the other, for as long as the server takes them.</summary>
    [Fact]
    public async Task Who_uploads_a_byte_now_and_then_is_sent_away_after_ten_seconds()
    {
        var upload = Take(await Upload.AskAsync(_alice, 1 << 20));
        var watch = Stopwatch.StartNew();
        using var http = await RawHttp.ConnectAsync(_address);
        await http.WriteAsync(upload.Head);
        var answer = http.ReadAnswerAsync();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (!answer.IsCompleted && watch.Elapsed < _untilCut)
        {
            try
            {
                await http.WriteAsync(new byte[1]);
            }
            catch (IOException)
            {
                break;
            }
            await pace.WaitForNextTickAsync();
        }
        var told = await answer;
        Assert.InRange(watch.Elapsed, TimeSpan.FromSeconds(9), _untilCut);
        Assert.Equal((400, "RequestTimeout"), (told?.Status, told?.Code));
        await ExpectStoredAsync();
    }

    [Fact]
    public async Task A_flood_of_ranges_gets_what_is_there_and_no_more()
    {
        var file = await StoreAsync(300_000);
        var target = await TargetOfAsync(file);
        // Thousands of overlapping ones would be a thousand times the file; they are worth the file.
        foreach (var flood in (string[])[string.Join(',', Enumerable.Repeat("0-", 7000)), string.Join(',', Enumerable.Range(0, 3000).Select(i => $"{i}-{i}")), "0-1,-1", "x", "5-2", "--1", "0-0-0"])
        {
            var answer = await AskAsync("GET", target, $"Range: bytes={flood}\r\n");
            Assert.Equal((200, file.Content.Length), (answer.Status, answer.Body.Length));
        }
        foreach (var nowhere in (string[])["300000-", "-0", "99999999999999999999-", "9223372036854775807-9223372036854775808"])
        {
            await RefuseAsync(416, "InvalidRange", "GET", target, $"Range: bytes={nowhere}\r\n");
        }
        Assert.Equal(file.Content, (await AskAsync("GET", target, "Range: bytes=0-99999999999999999999\r\n")).Body);
        await Parallel.ForEachAsync(Enumerable.Range(0, 400), new ParallelOptions { MaxDegreeOfParallelism = 100 }, async (i, _) =>
        {
            var (first, last) = (i * 700, i * 700 + i * 50);
            var answer = await RawHttp.AskAsync(_address, "GET", target, $"Range: bytes={first}-{last}\r\n");
            Assert.Equal(206, answer.Status);
            Assert.True(file.Content.AsSpan(first, Math.Min(last + 1, file.Content.Length) - first).SequenceEqual(answer.Body), $"bytes {first}-{last}");
        });
        await ExpectStoredAsync(file);
        Assert.InRange(_server.PeakMegabytes, 1, 200);
    }

    [Fact]
    public async Task What_has_expired_is_refused()
    {
        await _server.DisposeAsync();
        await StartAsync(("MIMU_MEDIA__UPLOAD_URL_LIFETIME", "2s"), ("MIMU_MEDIA__DOWNLOAD_URL_LIFETIME", "1s"));
        _alice = _alice.At(_address);
        var file = await StoreAsync(4);
        var (target, upload) = (await TargetOfAsync(file), Take(await Upload.AskAsync(_alice, 4)));
        await Deadline.Until("the URL of a download to expire", async () => (await AskAsync("GET", target)).Status != 200);
        await RefuseAsync(403, "AccessDenied", "GET", target);
        // Until then it is refused for its method.
        await Deadline.Until("the URL of an upload to expire", async () => (await AskAsync("GET", upload.Target)).Code != "SignatureDoesNotMatch");
        await RefuseAsync(403, "AccessDenied", "PUT", upload.Target, upload.Headers, upload.Content);
        await ExpectStoredAsync(file);
    }

    private async Task StartAsync(params (string Name, string Value)[] environment) => (_server, _address) = await Program.ServeAsync(
        _directory.FullName, [("MIMU_AUTH__ARGON2_MEMORY", "64KiB"), ("MIMU_AUTH__ARGON2_ITERATIONS", "1"), ("MIMU_MEDIA__MIN_FREE_DISK", "0"), .. environment]);

    private async Task<Upload> StoreAsync(int size)
    {
        var upload = Take(await Upload.AskAsync(_alice, size));
        var answer = await upload.PutAsync(_address);
        Assert.Equal(200, answer?.Status);
        return upload;
    }

    /// <summary>Its URL is for nobody's eyes from now on; nor is its key, but that an upload's answer has it as the ETag.</summary>
    private Upload Take(Upload upload)
    {
        _secrets.Add(SignatureIn(upload.Target));
        return upload;
    }

    private async Task<string> TargetOfAsync(Upload upload)
    {
        var target = new Uri((string)(await _alice.FindFileAsync(upload.Key))!["download_url"]!).PathAndQuery;
        _secrets.Add(SignatureIn(target));
        return target;
    }

    private static string SignatureIn(string target) => target[(target.IndexOf("X-Amz-Signature=", StringComparison.Ordinal) + "X-Amz-Signature=".Length)..].Split('&')[0];

    private async Task<RawAnswer> AskAsync(string method, string target, string headers = "", byte[]? body = null)
    {
        var answer = await RawHttp.AskAsync(_address, method, target, headers, body);
        _answers.Add(answer);
        return answer;
    }

    private async Task RefuseAsync(int status, string code, string method, string target, string headers = "", byte[]? body = null)
    {
        var answer = await AskAsync(method, target, headers, body);
        Assert.True(answer.Status == status && answer.Code == code, $"{method} {target}: {answer.Status} {answer.Text}, not {status} {code}");
    }

    /// <summary>A client that closes its side before the end, and one that goes away.</summary>
    private async Task BreakOffAsync(Upload upload)
    {
        using (var ends = await RawHttp.ConnectAsync(_address))
        {
            await ends.WriteAsync(upload.Head);
            await ends.WriteAsync(upload.Content.AsMemory(0, 3));
            ends.EndSending();
            // Kestrel takes the end of what a client sends for its end, and cuts it off without a word.
            Assert.Null(await ends.ReadAnswerAsync());
        }
        // Until the server has seen that the first is over, a second upload of the file is told to come later.
        byte[] wrong = [.. upload.Content.Select(it => (byte)~it)];
        await Deadline.Until("the first upload to be over", async () => (await AskAsync("PUT", upload.Target, upload.Headers, wrong)).Code switch
        {
            "SlowDown" => false,
            "BadDigest" => true,
            var other => throw new InvalidOperationException($"It was answered with {other}."),
        });
        using (var goes = await RawHttp.ConnectAsync(_address))
        {
            await goes.WriteAsync(upload.Head);
            await goes.WriteAsync(upload.Content.AsMemory(0, 3));
            await Deadline.Until("the upload to begin", () => Task.FromResult(Drafts().Length > 0));
        }
        await Deadline.Until("the draft to go", () => Task.FromResult(Drafts().Length == 0));
    }

    private string[] Drafts() => Directory.GetFiles(_directory.PathOf("mimu-data/blobs/tmp"));

    /// <summary>That these files are there as they were uploaded, and nothing else is.</summary>
    private async Task ExpectStoredAsync(params Upload[] files)
    {
        await Deadline.Until("the drafts to go", () => Task.FromResult(Drafts().Length == 0));
        Assert.Equal(files.Length, Directory.GetFiles(_directory.PathOf("mimu-data/blobs"), "*", SearchOption.AllDirectories).Length);
        Assert.Equal(files.Sum(file => file.Content.Length), await _alice.StorageUsedAsync());
        foreach (var file in files)
        {
            Assert.Equal(file.Content, (await Upload.FetchAsync((await _alice.FindFileAsync(file.Key))!)).Body);
        }
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Media.S3;
using Mimu.Core.Media;

namespace Mimu.Appliance.Tests.Media.S3;

/// <summary>
/// An S3 store as we understand it, which can be told to fail: signatures are checked, those in the query by <see cref="PresignedCheck"/>, those in headers by signing again. It proves how
/// ours behaves when a store does this or that; that stores do so, <see cref="SwiftTests"/> prove.
/// </summary>
internal sealed class OutsideStore : IAsyncDisposable
{
    public const string Bucket = "files";
    private readonly ConcurrentDictionary<string, byte[]> _objects = new(StringComparer.Ordinal);
    private readonly WebApplication _app;
    private readonly S3Credentials _credentials = new("OUTSIDEKEY", "outside/secret+", "eu-central-1");

    private OutsideStore()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.Run(ServeAsync);
    }

    public Uri Endpoint { get; private set; } = null!;

    /// <summary>What it does instead of its work; true if it has answered.</summary>
    public Func<HttpContext, Task<bool>>? Whim { get; set; }

    /// <summary>What it was asked: method, path and query.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    public IDictionary<string, byte[]> Objects => _objects;

    public static async Task<OutsideStore> StartAsync()
    {
        var store = new OutsideStore();
        await store._app.StartAsync();
        store.Endpoint = new Uri(store._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return store;
    }

    /// <summary>The settings that lead here.</summary>
    public void Set(MimuOptions options, bool isKept = true)
    {
        options.Media.Backend = isKept ? MediaBackend.S3 : MediaBackend.Disk;
        options.Media.Bucket = Bucket;
        options.Media.S3.Endpoint = Endpoint.ToString();
        options.Media.S3.Region = _credentials.Region;
        options.Media.S3.AccessKey = _credentials.AccessKeyId;
        options.Media.S3.SecretKey = "outside/secret+";
    }

    public S3BlobStore Open(int pageSize = S3BlobStore.MaxPage, string secret = "outside/secret+", string bucket = Bucket, string id = "OUTSIDEKEY", TimeSpan? patience = null) =>
        new(new S3Door(new S3Address(Endpoint, bucket, new S3Credentials(id, secret, _credentials.Region)), TimeProvider.System) { Limit = patience ?? S3Door.Patience }) { PageSize = pageSize };

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    public static async Task<bool> FailAsync(HttpContext http, int status, string? code)
    {
        http.Response.StatusCode = status;
        if (code is not null && !HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.WriteAsync($"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>No.</Message></Error>");
        }
        return true;
    }

    private async Task ServeAsync(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        Calls.Enqueue($"{http.Request.Method} {target}");
        if (Whim is { } whim && await whim(http))
        {
            return;
        }
        var (path, query) = target.Split('?', 2) is [var left, var right] ? (left, right) : (target, "");
        var key = path.StartsWith($"/{Bucket}/", StringComparison.Ordinal) ? path[(Bucket.Length + 2)..] : null;
        var refusal = CheckSignature(http, path, query) ?? (path == $"/{Bucket}" || key is not null ? null : (404, "NoSuchBucket"));
        if (refusal is { } no)
        {
            await FailAsync(http, no.Status, no.Code);
            return;
        }
        await (key is null ? ListAsync(http) : http.Request.Method switch
        {
            "PUT" => PutAsync(http, key),
            "DELETE" => DeleteAsync(http, key),
            _ => GetAsync(http, key),
        });
    }

    private (int Status, string Code)? CheckSignature(HttpContext http, string path, string query)
    {
        var headers = http.Request.Headers.Where(header => header.Key != "Host").SelectMany(header => header.Value, (header, value) => KeyValuePair.Create(header.Key, value!)).ToList();
        var now = TimeProvider.System.GetUtcNow();
        if (http.Request.Headers.Authorization is not [{ } authorization])
        {
            var received = new ReceivedRequest(http.Request.Method, path, query, http.Request.Host.Value!, headers);
            return PresignedCheck.Verify(received, [_credentials], now) is SignatureRefused refused ? (403, refused.Code) : null;
        }
        if (!authorization.Contains($"Credential={_credentials.AccessKeyId}/", StringComparison.Ordinal))
        {
            return (403, "InvalidAccessKeyId");
        }
        var names = authorization.Split("SignedHeaders=")[1].Split(',')[0].Split(';');
        var date = DateTimeOffset.ParseExact(http.Request.Headers["x-amz-date"]!, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        string[] own = ["host", "x-amz-date", "x-amz-content-sha256"];
        var again = SignedByHeader.Sign(new S3Request(http.Request.Method, http.Request.Host.Value!, path)
        {
            Headers = [.. names.Except(own).Select(name => KeyValuePair.Create(name, headers.Single(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value))],
            Query = [.. http.Request.Query.Select(parameter => KeyValuePair.Create(parameter.Key, parameter.Value.ToString()))],
        }, http.Request.Headers["x-amz-content-sha256"]!, _credentials, date);
        return again.Headers.Single(header => header.Key == "Authorization").Value == authorization && (now - date).Duration() < TimeSpan.FromMinutes(15) ? null : (403, "SignatureDoesNotMatch");
    }

    private async Task PutAsync(HttpContext http, string key)
    {
        if (http.Request.Headers.IfNoneMatch == "*" && _objects.ContainsKey(key))
        {
            await FailAsync(http, 412, "PreconditionFailed");
            return;
        }
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var hash = SHA256.HashData(body.ToArray());
        var signed = (string?)http.Request.Headers["x-amz-content-sha256"];
        if ((string?)http.Request.Headers["x-amz-checksum-sha256"] is { } checksum && checksum != Convert.ToBase64String(hash))
        {
            await FailAsync(http, 400, "BadDigest");
        }
        else if (signed is not (null or SigV4.UnsignedPayload) && signed != Convert.ToHexStringLower(hash))
        {
            await FailAsync(http, 400, "XAmzContentSHA256Mismatch");
        }
        else if (!_objects.TryAdd(key, body.ToArray()))
        {
            await FailAsync(http, 412, "PreconditionFailed");
        }
    }

    private Task DeleteAsync(HttpContext http, string key)
    {
        _objects.TryRemove(key, out _);
        http.Response.StatusCode = (int)HttpStatusCode.NoContent;
        return Task.CompletedTask;
    }

    private async Task GetAsync(HttpContext http, string key)
    {
        if (!_objects.TryGetValue(key, out var content))
        {
            await FailAsync(http, 404, "NoSuchKey");
            return;
        }
        var outcome = ByteRange.Read(http.Request.Headers.Range, content.Length, out var range);
        http.Response.StatusCode = outcome is RangeOutcome.Part ? 206 : 200;
        http.Response.ContentLength = range.Length;
        http.Response.Headers.ContentDisposition = http.Request.Query["response-content-disposition"];
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(content.AsMemory((int)range.First, (int)range.Length));
        }
    }

    private Task ListAsync(HttpContext http)
    {
        var (after, limit) = (http.Request.Query["continuation-token"].ToString(), int.Parse(http.Request.Query["max-keys"]!, CultureInfo.InvariantCulture));
        var keys = _objects.Keys.Where(key => string.CompareOrdinal($"={key}&/", after) > 0).Order(StringComparer.Ordinal).ToList();
        var page = keys.Take(limit).ToList();
        // Tokens are opaque; this has all that must be encoded in a query.
        var next = keys.Count > limit ? $"<NextContinuationToken>={page[^1]}&amp;/</NextContinuationToken>" : "";
        return http.Response.WriteAsync($"""
            <?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{Bucket}</Name><IsTruncated>{(keys.Count > limit ? "true" : "false")}</IsTruncated>{next}
            {string.Concat(page.Select(key => $"<Contents><Key>{key}</Key><Size>1</Size></Contents>"))}</ListBucketResult>
            """);
    }
}

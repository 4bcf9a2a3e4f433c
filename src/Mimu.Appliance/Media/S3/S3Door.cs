using System.Net;
using System.Net.Http.Headers;
using Mimu.Core;
using Mimu.Core.Media;

namespace Mimu.Appliance.Media.S3;

/// <summary>A request of this server's own to the outside store.</summary>
/// <param name="Method">What to do.</param>
/// <param name="Key">With which file; null for the bucket.</param>
internal sealed record S3Call(HttpMethod Method, FileKey? Key)
{
    /// <summary>Parameters, not encoded.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Query { get; init; } = [];

    /// <summary>Headers to send and to sign.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The first byte to ask for; 0 for all.</summary>
    public long From { get; init; }

    /// <summary>The body's SHA-256 in lower-case hex, see <see cref="SignedByHeader.Sign"/>.</summary>
    public string PayloadHash { get; init; } = SigV4.EmptyPayload;

    /// <summary>Makes the body, each time that it is sent; null for none. Without <see cref="IsRepeatable"/> it is sent once.</summary>
    public Func<HttpContent>? Body { get; init; }

    /// <summary>Whether it may be sent again when nobody knows what became of it.</summary>
    public bool IsRepeatable { get; init; } = true;
}

/// <summary>
/// Signs and sends requests to the outside store. What may pass (no connection, 429, 5xx) is tried three times. Nothing of it is logged, since URLs and headers have
/// signatures in them; redirects are not followed, since a signature is for one host and must not be sent to another.
/// </summary>
internal sealed class S3Door(S3Address address, TimeProvider clock) : IDisposable
{
    private const int Tries = 3;

    /// <summary>How long the store may do nothing before it is given up: neither answer, nor send or take a piece of a file.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>One for all, since it keeps connections. HTTP/1.1: what every S3 store speaks, and a request that is given up in the middle ends with its connection.</summary>
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ActivityHeadersPropagator = null,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestVersion = HttpVersion.Version11,
    };

    public S3Address Address => address;

    /// <summary>How long the store may do nothing; tests have less patience.</summary>
    public TimeSpan Limit { get; init; } = Patience;

    /// <summary>Sends it. The answer's body is still to be read; the caller disposes of the answer.</summary>
    /// <exception cref="S3Exception">There is no answer, or one of 3xx, 429 or 5xx.</exception>
    public async Task<HttpResponseMessage> SendAsync(S3Call call, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var isLast = attempt == Tries || !call.IsRepeatable;
            try
            {
                var response = await SendOnceAsync(call, cancellation);
                if ((int)response.StatusCode is not (429 or >= 500 or (>= 300 and < 400)) || response.StatusCode is HttpStatusCode.NotModified)
                {
                    return response;
                }
                using (response)
                {
                    if (isLast || (int)response.StatusCode is 501 or < 400)
                    {
                        throw await RefusedAsync(response, cancellation);
                    }
                }
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                // A stream that failed while it was being sent has its own to tell.
                if (BodyFault(e) is { } fault)
                {
                    throw fault;
                }
                if (isLast || e is OperationCanceledException)
                {
                    throw S3Exception.Unreachable(address, e);
                }
            }
            await Task.Delay(_firstPause * (1 << (attempt - 1)), clock, cancellation);
        }
    }

    /// <summary>What is wrong, of an answer that is not as it was asked for.</summary>
    public async Task<S3Exception> RefusedAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        string? code = null;
        try
        {
            code = S3Xml.ReadErrorCode(await ReadAsync(response, cancellation));
        }
        catch (IOException)
        {
            // The status says enough.
        }
        return S3Exception.Refused(address, response.StatusCode, code);
    }

    /// <summary>The body of an answer that is XML.</summary>
    /// <exception cref="S3Exception">It does not come, or does not end.</exception>
    public async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        using var wait = new S3Wait(Limit, clock, cancellation);
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(wait.Token);
            using var bytes = new MemoryStream();
            var piece = new byte[16 * 1024];
            while (await stream.ReadAsync(piece, wait.Token) is > 0 and var count)
            {
                wait.Restart();
                await bytes.WriteAsync(piece.AsMemory(0, count), wait.Token);
                if (bytes.Length > S3Xml.MaxBytes)
                {
                    throw new S3Exception($"The file store {address.Host} sends an answer without end.");
                }
            }
            return bytes.ToArray();
        }
        catch (Exception e) when (e is HttpRequestException or (IOException and not S3Exception) or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            throw S3Exception.Unreachable(address, e);
        }
    }

    /// <summary>Begins to wait for the store.</summary>
    public S3Wait Wait(CancellationToken cancellation) => new(Limit, clock, cancellation);

    public void Dispose() => _http.Dispose();

    private static S3UploadException? BodyFault(Exception? e)
    {
        while (e is not (null or S3UploadException))
        {
            e = e.InnerException;
        }
        return (S3UploadException?)e;
    }

    private async Task<HttpResponseMessage> SendOnceAsync(S3Call call, CancellationToken cancellation)
    {
        var signed = SignedByHeader.Sign(
            new S3Request(call.Method.Method, address.Host, address.PathOf(call.Key)) { Headers = call.Headers, Query = call.Query }, call.PayloadHash, address.Credentials, clock.Now());
        using var request = new HttpRequestMessage(call.Method, new Uri($"{address.Endpoint.Scheme}://{address.Host}{signed.PathAndQuery}"));
        request.Headers.Host = address.Host;
        using var wait = new S3Wait(Limit, clock, cancellation);
        if (call.Body is { } body)
        {
            request.Content = body();
            // A store that refuses says so before the bytes come, and not by closing the connection among them.
            request.Headers.ExpectContinue = true;
            (request.Content as S3Upload)?.WatchedBy(wait);
        }
        foreach (var (name, value) in call.Headers.Concat(signed.Headers))
        {
            // Its length a body tells by itself.
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase) && !request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content!.Headers.TryAddWithoutValidation(name, value);
            }
        }
        if (call.From > 0)
        {
            // Range needs no signature.
            request.Headers.Range = new RangeHeaderValue(call.From, null);
        }
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, wait.Token);
    }
}

/// <summary>Ends when the store has done nothing for too long, or when the caller gives up.</summary>
internal sealed class S3Wait : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _source;
    private readonly CancellationTokenRegistration _registration;

    public S3Wait(TimeSpan limit, TimeProvider clock, CancellationToken cancellation)
    {
        _limit = limit;
        _source = new CancellationTokenSource(limit, clock);
        _registration = cancellation.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), _source);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>It has done something.</summary>
    public void Restart() => _source.CancelAfter(_limit);

    public void Dispose()
    {
        _registration.Dispose();
        _source.Dispose();
    }
}

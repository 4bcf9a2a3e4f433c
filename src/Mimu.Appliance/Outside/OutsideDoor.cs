using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Mimu.Appliance.Outside;

/// <summary>
/// Sends requests to push services and app stores: once each, within a limit, without redirects, proxies, cookies and tracing headers. Nothing of it is logged, since URLs and headers have
/// tokens in them; what went wrong is told by its kind and the host's name.
/// </summary>
/// <param name="handler">Keeps the connections; disposed with this.</param>
/// <param name="clock">What dates are compared with.</param>
internal sealed class OutsideDoor(SocketsHttpHandler handler, TimeProvider clock) : IDisposable
{
    /// <summary>How long a request may take: no less than Google asks for ("Best practices when sending FCM messages at scale": a timeout of at least 10 s).</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>What is read of an answer to a push: errors have some hundred bytes, access tokens up to 2 KiB.</summary>
    private const int UsualAnswer = 4096;

    private readonly HttpMessageInvoker _http = new(handler);

    /// <summary>How long a request may take; tests have less patience. In real time: what the clock is set to makes no network slower.</summary>
    public TimeSpan Limit { get; init; } = Patience;

    /// <summary>How many bytes of an answer are read.</summary>
    public int MaxAnswer { get; init; } = UsualAnswer;

    /// <summary>The handler that all have.</summary>
    public static SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = Patience,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        EnableMultipleHttp2Connections = true,
        // A connection that died unnoticed costs the requests on it, and not those of the next minutes.
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        KeepAlivePingDelay = Patience / 2,
        KeepAlivePingTimeout = Patience / 2,
        MaxResponseHeadersLength = 16,
        MaxResponseDrainSize = UsualAnswer,
        ActivityHeadersPropagator = null,
    };

    /// <summary>Sends it, within <see cref="Limit"/>. What goes wrong is an answer too.</summary>
    /// <exception cref="OperationCanceledException">The caller has given up.</exception>
    public async Task<OutsideAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        wait.CancelAfter(Limit);
        return await SendAsync(request, wait.Token, cancellation);
    }

    /// <summary>Sends it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="wait">Ends when it takes too long, or with the next.</param>
    /// <param name="cancellation">Ends when the caller gives up.</param>
    /// <exception cref="OperationCanceledException">The caller has given up.</exception>
    public async Task<OutsideAnswer> SendAsync(HttpRequestMessage request, CancellationToken wait, CancellationToken cancellation)
    {
        try
        {
            using var response = await _http.SendAsync(request, wait);
            return new OutsideAnswer((int)response.StatusCode, await ReadAsync(response, wait), RetryAfter(response.Headers.RetryAfter));
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return OutsideAnswer.None($"{request.RequestUri!.IdnHost} {Cause(e)}", e);
        }
    }

    public void Dispose() => _http.Dispose();

    /// <summary>The beginning of the body. The status alone says what to do, if need be; a body that does not come does not make it another.</summary>
    private async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken wait)
    {
        var bytes = new byte[Math.Min(UsualAnswer, MaxAnswer)];
        var length = 0;
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(wait);
            while (length < bytes.Length && await stream.ReadAsync(bytes.AsMemory(length), wait) is > 0 and var count)
            {
                length += count;
                if (length == bytes.Length && length < MaxAnswer)
                {
                    Array.Resize(ref bytes, Math.Min(MaxAnswer, 2 * length));
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // What came has to do.
        }
        return bytes[..length];
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header) => (header?.Delta ?? header?.Date - clock.GetUtcNow()) is { } wait
        ? wait > TimeSpan.Zero ? wait : TimeSpan.Zero
        : null;

    /// <summary>By kind, since the texts of exceptions have addresses in them.</summary>
    private static string Cause(Exception e) => e switch
    {
        OperationCanceledException => "does not answer in time",
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => "is not known to the DNS",
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => "has no TLS that can be trusted",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError, InnerException: SocketException socket } => $"can't be reached: {socket.SocketErrorCode}",
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } => "can't be reached",
        HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError } => "does not speak HTTP/2",
        HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http => $"breaks off: {http.HttpRequestError}",
        _ => "breaks off",
    };
}

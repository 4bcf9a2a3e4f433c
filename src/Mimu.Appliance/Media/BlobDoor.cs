using Microsoft.AspNetCore.Http.Features;
using Mimu.Appliance.Configuration;
using Mimu.Core;
using Mimu.Core.Media;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Media;

/// <summary>
/// The built-in store as clients see it (protocol 8.2 to 8.4): one bucket of S3, opened by presigned URLs alone. The way parts before anything is routed or decoded, by the path as
/// it was sent: signatures are over that, and nothing else that leads here is a path of the store.
/// </summary>
internal sealed partial class BlobDoor(MimuOptions options, MediaKeys keys, BlobUpload upload, BlobDownload download, TimeProvider clock, ILogger<BlobDoor> log)
{
    /// <summary>How long a browser need not ask again whether it may (Fetch standard, "CORS-preflight cache").</summary>
    private static readonly TimeSpan _preflightAge = TimeSpan.FromHours(1);

    private readonly string _prefix = $"/{options.Media.Bucket}/";

    /// <summary>Lets requests of the bucket in, and no others.</summary>
    public static void Open(IApplicationBuilder app, MimuOptions options)
    {
        var bucket = $"/{options.Media.Bucket}";
        app.MapWhen(http => TargetOf(http) is var target && target.StartsWith(bucket, StringComparison.Ordinal) && (target.Length == bucket.Length || target[bucket.Length] is '/' or '?'), branch =>
        {
            if (options.Server.CorsOrigins.Length > 0)
            {
                branch.UseCors(policy => policy.WithOrigins(options.Server.CorsOrigins).WithMethods("GET", "HEAD", "PUT").AllowAnyHeader()
                    .WithExposedHeaders("ETag", "Content-Range", "Accept-Ranges", "x-amz-checksum-sha256").SetPreflightMaxAge(_preflightAge));
            }
            // Not before the first request: the pipeline is built while the database is still being opened.
            branch.Run(http => http.RequestServices.GetRequiredService<BlobDoor>().ServeAsync(http));
        });
    }

    /// <summary>Everything behind the door ends here, also what goes wrong: an S3 client reads no problem.</summary>
    public async Task ServeAsync(HttpContext http)
    {
        S3Error? error;
        try
        {
            error = await AnswerAsync(http);
        }
        catch (Exception e) when (http.RequestAborted.IsCancellationRequested || http.Response.HasStarted)
        {
            LogBroken(e, http.TraceIdentifier);
            http.Abort();
            return;
        }
        catch (BadHttpRequestException e)
        {
            error = e.StatusCode is StatusCodes.Status408RequestTimeout ? S3Error.RequestTimeout : S3Error.IncompleteBody;
        }
        catch (StorageFullException)
        {
            LogFull(http.TraceIdentifier);
            error = S3Error.InsufficientStorage;
        }
        catch (BlobStoreException e)
        {
            LogStore(e.Message, http.TraceIdentifier);
            error = S3Error.SlowDown;
        }
        catch (Exception e) when (e is StorageBusyException or StorageUnavailableException)
        {
            error = S3Error.SlowDown;
        }
        catch (Exception e)
        {
            LogBug(e, http.TraceIdentifier);
            error = S3Error.InternalError;
        }
        if (error is not null && !http.Response.HasStarted)
        {
            await error.WriteAsync(http);
        }
    }

    /// <returns>Null if it has been answered.</returns>
    private async ValueTask<S3Error?> AnswerAsync(HttpContext http)
    {
        var (now, method) = (clock.Now(), http.Request.Method);
        if (method is not ("GET" or "HEAD" or "PUT"))
        {
            return S3Error.MethodNotAllowed;
        }
        if (method is "PUT" && http.Request.ContentLength is null)
        {
            return S3Error.MissingContentLength;
        }
        var request = Received(http);
        var outcome = PresignedCheck.Verify(request, keys.Accepted, now);
        if (method is "HEAD" && outcome is SignatureRefused { Fault: SignatureFault.DoesNotMatch })
        {
            // Who may fetch a file may look at it first; there are no URLs for HEAD.
            outcome = PresignedCheck.Verify(request with { Method = "GET" }, keys.Accepted, now);
        }
        return outcome switch
        {
            SignatureRefused refused => S3Error.Of(refused),
            SignatureVerified when !request.RawPath.StartsWith(_prefix, StringComparison.Ordinal) || !FileKey.TryParse(request.RawPath[_prefix.Length..], out _) => S3Error.NoSuchKey,
            SignatureVerified verified when FileKey.TryParse(request.RawPath[_prefix.Length..], out var key) =>
                method is "PUT" ? await upload.RunAsync(http, key, verified) : await download.RunAsync(http, key),
            _ => throw new InvalidOperationException("There is no such outcome."),
        };
    }

    private static ReceivedRequest Received(HttpContext http)
    {
        var target = TargetOf(http);
        var question = target.IndexOf('?', StringComparison.Ordinal);
        var path = question < 0 ? target : target[..question];
        var headers = from header in http.Request.Headers
                      where !header.Key.Equals("Host", StringComparison.OrdinalIgnoreCase) && !header.Key.StartsWith(':')
                      from value in header.Value
                      select KeyValuePair.Create(header.Key, value ?? "");
        return new ReceivedRequest(http.Request.Method, path, question < 0 ? "" : target[(question + 1)..], http.Request.Headers.Host.ToString(), [.. headers]);
    }

    /// <summary>The target as it was sent, without the server's name that some proxies put before it (RFC 9112 section 3.2.2).</summary>
    private static string TargetOf(HttpContext http)
    {
        var target = http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var authority = target.StartsWith('/') ? -1 : target.IndexOf("://", StringComparison.Ordinal);
        return authority >= 0 && target.IndexOf('/', authority + 3) is >= 0 and var path ? target[path..] : target;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "A file's transfer broke off ({TraceId})")]
    private partial void LogBroken(Exception exception, string traceId);

    [LoggerMessage(Level = LogLevel.Error, Message = "The disk that holds the files is full ({TraceId})")]
    private partial void LogFull(string traceId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Sentence} ({TraceId})")]
    private partial void LogStore(string sentence, string traceId);

    [LoggerMessage(Level = LogLevel.Error, Message = "A file's transfer failed in the server ({TraceId})")]
    private partial void LogBug(Exception exception, string traceId);
}

using System.Security;
using System.Text;
using Mimu.Core.Media;

namespace Mimu.Appliance.Media;

/// <summary>A refusal as S3 tells it ("Error responses"; protocol 8.4).</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">S3's word.</param>
/// <param name="Message">What was wrong, for a person who develops a client.</param>
internal sealed record S3Error(int Status, string Code, string Message)
{
    public static readonly S3Error NoSuchKey = new(404, "NoSuchKey", "The specified key does not exist.");
    public static readonly S3Error MethodNotAllowed = new(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
    public static readonly S3Error MissingContentLength = new(411, "MissingContentLength", "You must provide the Content-Length HTTP header.");
    public static readonly S3Error PreconditionFailed = new(412, "PreconditionFailed", "At least one of the preconditions you specified did not hold.");
    public static readonly S3Error WrittenOnce = new(412, "PreconditionFailed", "A key is written once, and this one has been.");
    public static readonly S3Error InvalidRange = new(416, "InvalidRange", "The requested range is not satisfiable.");
    public static readonly S3Error EntityTooLarge = new(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.");
    public static readonly S3Error BadDigest = new(400, "BadDigest", "The SHA-256 you specified did not match the calculated checksum.");
    public static readonly S3Error IncompleteBody = new(400, "IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header.");
    public static readonly S3Error RequestTimeout = new(400, "RequestTimeout", "The body came too slowly.");
    public static readonly S3Error NothingToUpload = new(403, "AccessDenied", "The URL is not one of an upload: its length and its type must be signed.");
    public static readonly S3Error InsufficientStorage = new(507, "InsufficientStorage", "The server's disk is full.");
    public static readonly S3Error SlowDown = new(503, "SlowDown", "The server can't do this right now. Try again in a moment.");
    public static readonly S3Error InternalError = new(500, "InternalError", "We encountered an internal error. The server's log has more under this RequestId.");

    /// <summary>Why a signature is refused. Nothing that was signed, and nothing that should have been, is told.</summary>
    public static S3Error Of(SignatureRefused refused) =>
        new(refused.Code is "AuthorizationQueryParametersError" ? StatusCodes.Status400BadRequest : StatusCodes.Status403Forbidden, refused.Code, refused.Detail);

    /// <summary>Answers with it.</summary>
    public Task WriteAsync(HttpContext http)
    {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            + $"<Error><Code>{Code}</Code><Message>{Escape(Message)}</Message><RequestId>{Escape(http.TraceIdentifier)}</RequestId></Error>";
        var body = Encoding.UTF8.GetBytes(text);
        http.Response.StatusCode = Status;
        http.Response.ContentType = "application/xml";
        http.Response.ContentLength = body.Length;
        if (Status is StatusCodes.Status405MethodNotAllowed)
        {
            http.Response.Headers.Allow = "GET, HEAD, PUT";
        }
        if (Status is StatusCodes.Status503ServiceUnavailable)
        {
            http.Response.Headers.RetryAfter = "1";
        }
        return HttpMethods.IsHead(http.Request.Method) ? Task.CompletedTask : http.Response.Body.WriteAsync(body, http.RequestAborted).AsTask();
    }

    /// <summary>A message may quote what a client sent, and XML knows no way to write some of that (XML 1.0 section 2.2).</summary>
    private static string Escape(string text) => SecurityElement.Escape(string.Concat(text.Select(c => c is >= ' ' and not ('\uFFFE' or '\uFFFF') && !char.IsSurrogate(c) ? c : '?')));
}

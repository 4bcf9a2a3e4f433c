using System.Globalization;
using System.Text.Json;
using Mimu.Core;

namespace Mimu.Appliance.Http;

/// <summary>Refusals as RFC 9457 has them. The only place that knows which status a code has (protocol section 13).</summary>
internal static class Problems
{
    /// <summary>The status of each code.</summary>
    public static readonly IReadOnlyDictionary<string, int> Statuses = new Dictionary<string, int>
    {
        ["malformed_request"] = 400,
        ["unauthorized"] = 401,
        ["token_expired"] = 401,
        ["session_ended"] = 401,
        ["invalid_credentials"] = 401,
        ["invalid_refresh_token"] = 401,
        ["refresh_token_reused"] = 401,
        ["account_disabled"] = 403,
        ["blocked"] = 403,
        ["not_sender"] = 403,
        ["not_admin"] = 403,
        ["registration_closed"] = 403,
        ["invite_invalid"] = 403,
        ["signature_invalid"] = 403,
        ["signature_replayed"] = 403,
        ["timestamp_out_of_window"] = 403,
        ["quota_exceeded"] = 403,
        ["password_incorrect"] = 403,
        ["not_found"] = 404,
        ["method_not_allowed"] = 405,
        ["public_id_taken"] = 409,
        ["key_id_reused"] = 409,
        ["keys_differ"] = 409,
        ["backup_conflict"] = 409,
        ["direct_chat"] = 409,
        ["stale_membership"] = 409,
        ["edit_window_closed"] = 409,
        ["limit_reached"] = 409,
        ["cursor_expired"] = 410,
        ["payload_too_large"] = 413,
        ["unsupported_media_type"] = 415,
        ["validation_failed"] = 422,
        ["rate_limited"] = 429,
        ["internal_error"] = 500,
        ["unavailable"] = 503,
        ["calls_not_configured"] = 503,
        ["receipt_invalid"] = 422,
        ["receipt_in_use"] = 409,
        ["store_unavailable"] = 503,
        ["insufficient_storage"] = 507,
    };

    /// <summary>The answer to a request that was refused.</summary>
    public static IResult Of(Error error) => new ProblemResult(error);

    private sealed class ProblemResult(Error error) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = Statuses[error.Code];
            if (response.StatusCode is StatusCodes.Status401Unauthorized)
            {
                response.Headers.WWWAuthenticate = "Bearer";
            }
            if (RetryAfter(error) is { } wait)
            {
                response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
            }
            return Answers.WriteAsync(httpContext, "application/problem+json", writer => Write(writer, response.StatusCode, httpContext.TraceIdentifier));
        }

        private static TimeSpan? RetryAfter(Error error) => error switch
        {
            RateLimited limited => limited.RetryAfter,
            Overloaded overloaded => overloaded.RetryAfter,
            _ => null,
        };

        private void Write(Utf8JsonWriter writer, int status, string traceId)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, $"urn:mimu:error:{error.Code}");
            writer.WriteString("title"u8, error.Title);
            writer.WriteNumber("status"u8, status);
            writer.WriteString("detail"u8, error.Detail);
            writer.WriteString("code"u8, error.Code);
            writer.WriteString("trace_id"u8, traceId);
            ErrorData.Write(writer, error);
            writer.WriteEndObject();
        }
    }
}

using System.IO.Pipelines;
using System.Net.Http.Headers;
using Mimu.Core;

namespace Mimu.Appliance.Http;

/// <summary>Reads the body of a request (protocol section 1).</summary>
internal static class JsonBody
{
    /// <summary>What <paramref name="parse"/> makes of the body; 415, 413, 400 or 422 for one that is not as it must be.</summary>
    public static async ValueTask<Result<T>> ReadAsync<T>(HttpContext http, Func<Fields, T> parse)
    {
        if (!IsJson(http.Request.ContentType))
        {
            return Errors.UnsupportedMediaType;
        }
        var reader = http.Request.BodyReader;
        ReadResult body;
        try
        {
            body = await reader.ReadAsync(http.RequestAborted);
            while (!body.IsCompleted)
            {
                reader.AdvanceTo(body.Buffer.Start, body.Buffer.End);
                body = await reader.ReadAsync(http.RequestAborted);
            }
        }
        catch (BadHttpRequestException e)
        {
            return e.StatusCode is StatusCodes.Status413PayloadTooLarge ? Errors.PayloadTooLarge : Errors.MalformedRequest.Because("The body ended early.");
        }
        try
        {
            if (!JsonText.TryParse(body.Buffer, out var document, out var reason))
            {
                return Errors.MalformedRequest.Because($"The body could not be read. {reason}");
            }
            using (document)
            {
                return JsonText.Read(document.RootElement, parse);
            }
        }
        finally
        {
            reader.AdvanceTo(body.Buffer.End);
        }
    }

    private static bool IsJson(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && string.Equals(type.MediaType, "application/json", StringComparison.OrdinalIgnoreCase)
        && (type.CharSet is null || string.Equals(type.CharSet.Trim('"'), "utf-8", StringComparison.OrdinalIgnoreCase));
}

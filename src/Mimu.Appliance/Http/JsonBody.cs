using System.Buffers;
using System.IO.Pipelines;
using System.Net.Http.Headers;
using Mimu.Core;

namespace Mimu.Appliance.Http;

/// <summary>Reads the body of a request (protocol section 1).</summary>
internal static class JsonBody
{
    private const string Json = "application/json";

    /// <summary>What <paramref name="parse"/> makes of the body; 415, 413, 400 or 422 for one that is not as it must be.</summary>
    public static ValueTask<Result<T>> ReadAsync<T>(HttpContext http, Func<Fields, T> parse) => ReadAsync(http, body => Parse(body, parse));

    /// <summary>The same by a reader of its own, which may leave what it can't read to <see cref="Parse"/>.</summary>
    public static async ValueTask<Result<T>> ReadAsync<T>(HttpContext http, Func<ReadOnlySequence<byte>, Result<T>> read)
    {
        if (!IsJson(http.Request.ContentType))
        {
            return Errors.UnsupportedMediaType;
        }
        var reader = http.Request.BodyReader;
        ReadResult body;
        try
        {
            // A small body has come with its head, and asking whether the client is still there makes Kestrel watch it.
            if (!reader.TryRead(out body))
            {
                body = await reader.ReadAsync(http.RequestAborted);
            }
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
            return read(body.Buffer);
        }
        finally
        {
            reader.AdvanceTo(body.Buffer.End);
        }
    }

    /// <summary>What <paramref name="parse"/> makes of a body that has come.</summary>
    public static Result<T> Parse<T>(ReadOnlySequence<byte> body, Func<Fields, T> parse)
    {
        if (!JsonText.TryParse(body, out var document, out var reason))
        {
            return Errors.MalformedRequest.Because($"The body could not be read. {reason}");
        }
        using (document)
        {
            return JsonText.Read(document.RootElement, parse);
        }
    }

    private static bool IsJson(string? contentType) => contentType is Json || IsJsonInOtherWords(contentType);

    private static bool IsJsonInOtherWords(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var type)
        && string.Equals(type.MediaType, Json, StringComparison.OrdinalIgnoreCase)
        && (type.CharSet is null || string.Equals(type.CharSet.Trim('"'), "utf-8", StringComparison.OrdinalIgnoreCase));
}

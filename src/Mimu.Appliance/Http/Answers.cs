using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mimu.Core;

namespace Mimu.Appliance.Http;

/// <summary>Answers that went well, and the way from a request through an operation to its answer.</summary>
internal static class Answers
{
    /// <summary>200 with a body.</summary>
    public static IResult Ok<T>(T body, JsonTypeInfo<T> type) => new JsonResult<T>(StatusCodes.Status200OK, body, type);

    /// <summary>201 with a body.</summary>
    public static IResult Created<T>(T body, JsonTypeInfo<T> type) => new JsonResult<T>(StatusCodes.Status201Created, body, type);

    /// <summary>The status of what was made, or was there already, for who writes the answer by hand.</summary>
    public static int StatusOf(bool isNew) => isNew ? StatusCodes.Status201Created : StatusCodes.Status200OK;

    /// <summary>204: it was done, and there is nothing to tell.</summary>
    public static IResult NoContent { get; } = Results.NoContent();

    /// <summary>503 with a body of its own: not a refusal of what was asked, but the answer to it.</summary>
    public static IResult Unready<T>(T body, JsonTypeInfo<T> type) => new JsonResult<T>(StatusCodes.Status503ServiceUnavailable, body, type);

    /// <summary>200 with JSON that is written by hand.</summary>
    public static IResult Ok(Action<Utf8JsonWriter> write) => new WrittenResult(write);

    /// <summary>200 with JSON that has been written.</summary>
    public static IResult Ok(byte[] json) => Results.Bytes(json, "application/json");

    /// <summary>Reads the body, runs the operation, and answers with what it says or why it refused.</summary>
    public static async Task<IResult> HandleAsync<TCommand, TValue>(
        this HttpContext http, Func<Fields, TCommand> parse, Func<TCommand, CancellationToken, ValueTask<Result<TValue>>> run, Func<TValue, IResult> answer)
    {
        var body = await JsonBody.ReadAsync(http, parse);
        if (!body.Succeeded(out var command, out var refusal))
        {
            return Problems.Of(TooOften.Of(http) ?? refusal);
        }
        return (await run(command, http.RequestAborted)).Then(answer);
    }

    /// <summary>The same for a path that names something by its id: what has no such form is nothing that there is.</summary>
    public static async Task<IResult> HandleAsync<TCommand, TValue>(this HttpContext http, string id, Func<Fields, Guid, TCommand> parse,
        Func<TCommand, CancellationToken, ValueTask<Result<TValue>>> run, Func<TValue, IResult> answer) =>
        Ids.TryParse(id, out var named) ? await http.HandleAsync(fields => parse(fields, named), run, answer) : Problems.Of(Errors.NotFound);

    /// <summary>The answer for a value, or the problem.</summary>
    public static IResult Then<T>(this Result<T> result, Func<T, IResult> answer) =>
        result.Succeeded(out var value, out var refusal) ? answer(value) : Problems.Of(refusal);

    /// <summary>Writes a whole body with its length.</summary>
    public static Task WriteAsync(HttpContext http, string contentType, Action<Utf8JsonWriter> write)
    {
        var bytes = Wire.Bytes(write, static (writer, write) => write(writer));
        http.Response.ContentType = contentType;
        http.Response.ContentLength = bytes.Length;
        return http.Response.Body.WriteAsync(bytes, http.RequestAborted).AsTask();
    }

    private sealed class JsonResult<T>(int status, T body, JsonTypeInfo<T> type) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            return WriteAsync(httpContext, "application/json", writer => JsonSerializer.Serialize(writer, body, type));
        }
    }

    private sealed class WrittenResult(Action<Utf8JsonWriter> write) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => WriteAsync(httpContext, "application/json", write);
    }
}

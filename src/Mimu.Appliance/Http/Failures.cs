using Mimu.Core;
using Mimu.Core.Media;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Http;

/// <summary>Answers for what no endpoint answered: unknown paths, wrong methods, broken surroundings and bugs. The one place where exceptions become answers.</summary>
internal sealed partial class Failures(RequestDelegate next, ILogger<Failures> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        Error? error;
        try
        {
            await next(http);
            error = Unanswered(http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            return; // Nobody is there to be answered.
        }
        catch (Exception e)
        {
            error = Translate(e, http);
        }
        if (error is not null && !http.Response.HasStarted)
        {
            await Problems.Of(error).ExecuteAsync(http);
        }
    }

    private static Error? Unanswered(HttpContext http) => http.Response switch
    {
        { HasStarted: true } or { ContentLength: not null } => null,
        { StatusCode: StatusCodes.Status404NotFound } => Errors.NotFound.Because("There is no such path."),
        { StatusCode: StatusCodes.Status405MethodNotAllowed } => Errors.MethodNotAllowed,
        _ => null,
    };

    private Error Translate(Exception exception, HttpContext http)
    {
        switch (exception)
        {
            case StorageFullException:
                LogFull(http.TraceIdentifier);
                return Errors.InsufficientStorage;
            case StorageBusyException:
                return new Overloaded(TimeSpan.FromSeconds(1));
            case StorageUnavailableException:
                LogUnavailable(exception, http.TraceIdentifier);
                return new Overloaded(TimeSpan.FromSeconds(1));
            case BlobStoreException store:
                LogStore(store.Message, http.TraceIdentifier);
                return new Overloaded(TimeSpan.FromSeconds(1));
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }:
                return Errors.PayloadTooLarge;
            case BadHttpRequestException:
                return Errors.MalformedRequest.Because("The request is not proper HTTP.");
            default:
                LogBug(exception, http.TraceIdentifier);
                return Errors.InternalError;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The disk that holds the database is full ({TraceId})")]
    private partial void LogFull(string traceId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The database does not answer ({TraceId})")]
    private partial void LogUnavailable(Exception exception, string traceId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Sentence} ({TraceId})")]
    private partial void LogStore(string sentence, string traceId);

    [LoggerMessage(Level = LogLevel.Error, Message = "A request failed in the server ({TraceId})")]
    private partial void LogBug(Exception exception, string traceId);
}

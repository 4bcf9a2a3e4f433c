using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;
using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Sync;

/// <summary>Protocol section 6: the event stream by pull.</summary>
internal static class SyncEndpoints
{
    public static void MapSync(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/sync", SyncAsync).WithSummary("The events after a cursor; without one, the current cursor") // 6
            .Asks(Since).Gives(200, "Sync", AnswerSchema.Sync).Refuses(Errors.CursorExpired);

    private static async Task<IResult> SyncAsync(HttpContext http, IDatabase database, TimeProvider clock)
    {
        var query = Query.Read(http, Since);
        if (!query.Succeeded(out var wanted, out var refusal))
        {
            return Problems.Of(refusal);
        }
        var user = http.Caller().UserId;
        var page = await database.ReadAsync(tx => ReadAsync(tx, user, wanted.Since, wanted.Limit, clock.Now()), http.RequestAborted);
        return page is null ? Problems.Of(Errors.CursorExpired) : Answers.Ok(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("events"u8);
            foreach (var happened in page.Events)
            {
                EventJson.Write(writer, happened, user);
            }
            writer.WriteEndArray();
            writer.WriteString("cursor"u8, page.Cursor.ToString());
            writer.WriteBoolean("has_more"u8, page.HasMore);
            writer.WriteEndObject();
        });
    }

    private static (string? Since, int Limit) Since(Query query) => (query.Text("since"), query.Limit());

    /// <summary>Without a cursor: no events and the current one. One that nobody ever handed out is answered like one that is served no longer.</summary>
    private static async ValueTask<EventPage?> ReadAsync(ITransaction tx, UserId user, string? since, int limit, DateTimeOffset now) =>
        since is null ? new EventPage([], await tx.Events.EndAsync(), HasMore: false)
        : Cursor.TryParse(since, out var cursor) ? await tx.Events.ReadAsync(user, cursor, limit, now)
        : null;
}

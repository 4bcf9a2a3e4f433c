using Mimu.Appliance.Http;
using Mimu.Core;
using Mimu.Core.Events;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Sync;

/// <summary>Protocol section 6: the event stream by pull.</summary>
internal static class SyncEndpoints
{
    public static void MapSync(this IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/sync", SyncAsync); // 6

    private static async Task<IResult> SyncAsync(HttpContext http, IDatabase database, TimeProvider clock)
    {
        var query = Query.Read(http, (query, _) => (Since: query.Text("since"), Limit: query.Limit()));
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

    /// <summary>Without a cursor: no events and the current one. One that nobody ever handed out is answered like one that is served no longer.</summary>
    private static async ValueTask<EventPage?> ReadAsync(ITransaction tx, UserId user, string? since, int limit, DateTimeOffset now) =>
        since is null ? new EventPage([], await tx.Events.EndAsync(), HasMore: false)
        : Cursor.TryParse(since, out var cursor) ? await tx.Events.ReadAsync(user, cursor, limit, now)
        : null;
}

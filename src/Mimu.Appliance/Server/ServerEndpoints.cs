using System.Text.Json.Nodes;
using Mimu.Appliance.Http;
using Mimu.Appliance.Media.S3;
using Mimu.Appliance.OpenApi;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Server;

/// <summary>Protocol section 12.</summary>
internal static class ServerEndpoints
{
    public static void MapServer(this IEndpointRouteBuilder routes)
    {
        var server = routes.MapGroup("").Anonymous();
        server.MapGet("/.well-known/mimu", Describe).WithSummary("What a client should know before it registers").Gives(200, () => MimuJson.Default.ServerBody);
        server.MapGet("/healthz", Live).WithSummary("Whether the process serves").Gives(200, () => MimuJson.Default.ReadinessBody);
        server.MapGet("/readyz", ReadyAsync).WithSummary("Whether all its parts answer")
            .Gives(200, () => MimuJson.Default.ReadinessBody).Gives(503, () => MimuJson.Default.ReadinessBody);
        server.MapGet("/openapi.json", OpenApi).WithSummary("This description").Gives(200, "OpenApi", () => new JsonObject { ["type"] = "object" });
    }

    private static IResult Describe(ServerDescription description) => Answers.Ok(description.Body, MimuJson.Default.ServerBody);

    private static IResult OpenApi(OpenApiDocument document) => Results.Bytes(document.Text, "application/json");

    private static IResult Live() => Answers.Ok(new ReadinessBody(Ready: true, []), MimuJson.Default.ReadinessBody);

    private static async Task<IResult> ReadyAsync(HttpContext http, IDatabase database, StoreWatch files)
    {
        var failing = new List<string>();
        try
        {
            await database.ReadAsync(tx => tx.Events.EndAsync(), http.RequestAborted);
        }
        catch (StorageUnavailableException)
        {
            failing.Add("database");
        }
        if (!await files.IsWellAsync(http.RequestAborted))
        {
            failing.Add("blob_store");
        }
        return failing.Count == 0 ? Live() : Answers.Unready(new ReadinessBody(Ready: false, failing), MimuJson.Default.ReadinessBody);
    }
}

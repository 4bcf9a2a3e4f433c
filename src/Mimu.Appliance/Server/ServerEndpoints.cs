using Mimu.Appliance.Http;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Server;

/// <summary>Protocol section 12.</summary>
internal static class ServerEndpoints
{
    public static void MapServer(this IEndpointRouteBuilder routes)
    {
        var server = routes.MapGroup("").Anonymous();
        server.MapGet("/.well-known/mimu", Describe);
        server.MapGet("/healthz", Live);
        server.MapGet("/readyz", ReadyAsync);
    }

    private static IResult Describe(ServerDescription description) => Answers.Ok(description.Body, MimuJson.Default.ServerBody);

    private static IResult Live() => Answers.Ok(new ReadinessBody(Ready: true, []), MimuJson.Default.ReadinessBody);

    private static async Task<IResult> ReadyAsync(HttpContext http, IDatabase database)
    {
        try
        {
            await database.ReadAsync(tx => tx.Events.EndAsync(), http.RequestAborted);
            return Live();
        }
        catch (StorageUnavailableException)
        {
            return Answers.Unready(new ReadinessBody(Ready: false, ["database"]), MimuJson.Default.ReadinessBody);
        }
    }
}

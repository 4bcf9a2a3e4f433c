using Mimu.Appliance.Http;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Keys;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Keys;

/// <summary>Protocol section 3: prekeys.</summary>
internal static class PrekeyEndpoints
{
    private const int MaxDeviceId = 127;

    public static void MapPrekeys(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/users");
        users.MapGet("/{public_id}/prekeys", FetchAsync); // 3.3
        users.MapPost("/me/prekeys", PublishAsync); // 3.4
        users.MapGet("/me/prekeys", CountAsync);
        users.MapPost("/me/prekeys/check", CompareAsync);
    }

    private static async Task<IResult> FetchAsync(HttpContext http, string public_id, FetchPrekeys fetch)
    {
        if (!PublicId.TryParse(public_id, out var id))
        {
            return Problems.Of(Errors.NotFound);
        }
        var device = Query.Read(http, (query, _) => query.OptionalInteger("device_id", 1, MaxDeviceId));
        return device.Succeeded(out var deviceId, out var refusal)
            ? (await fetch.RunAsync(http.Caller(), id, deviceId, http.RequestAborted))
                .Then(bundle => Answers.Ok(PrekeyBundleBody.From(bundle), MimuJson.Default.PrekeyBundleBody))
            : Problems.Of(refusal);
    }

    private static async Task<IResult> PublishAsync(HttpContext http, PublishPrekeys publish, IDatabase database, Limits limits)
    {
        var caller = http.Caller();
        var account = await database.ReadAsync(tx => tx.Accounts.FindAsync(caller.UserId), http.RequestAborted);
        return await http.HandleAsync(fields => PrekeyBodies.Publish(fields, limits, account!.SigningKey),
            (command, cancellation) => publish.RunAsync(caller, command, cancellation), Counts);
    }

    private static async Task<IResult> CountAsync(HttpContext http, IDatabase database)
    {
        var caller = http.Caller();
        return Counts(await database.ReadAsync(tx => tx.Keys.CountAsync(caller.UserId, caller.DeviceId), http.RequestAborted));
    }

    private static Task<IResult> CompareAsync(HttpContext http, ComparePrekeys compare) =>
        http.HandleAsync(PrekeyBodies.Check, (digest, cancellation) => compare.RunAsync(http.Caller(), digest, cancellation), _ => Answers.NoContent());

    private static IResult Counts(PrekeyStock stock) => Answers.Ok(PrekeyCountsBody.From(stock), MimuJson.Default.PrekeyCountsBody);
}

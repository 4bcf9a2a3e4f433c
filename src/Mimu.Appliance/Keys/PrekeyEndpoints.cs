using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
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
        var limits = routes.ServiceProvider.GetRequiredService<Limits>();
        users.MapGet("/{public_id}/prekeys", FetchAsync).WithSummary("Take what is needed to begin sessions with somebody; one-time prekeys are consumed") // 3.3
            .Limited(RateKind.Prekeys).Asks(DeviceId).Gives(200, () => MimuJson.Default.PrekeyBundleBody).Refuses(Errors.NotFound);
        users.MapPost("/me/prekeys", PublishAsync).WithSummary("Leave more prekeys of the calling device, or put others in the place of those that stand") // 3.4
            .Takes(fields => PrekeyBodies.Publish(fields, limits, [])).Gives(200, () => MimuJson.Default.PrekeyCountsBody)
            .Refuses(Errors.KeyIdReused, Errors.KeysDiffer, Errors.LimitReached);
        users.MapGet("/me/prekeys", CountAsync).WithSummary("How many prekeys the calling device has left")
            .Gives(200, () => MimuJson.Default.PrekeyCountsBody);
        users.MapPost("/me/prekeys/check", CompareAsync).WithSummary("Whether the server has the keys that the client believes to have left")
            .Takes(PrekeyBodies.Check).Gives(204).Refuses(Errors.KeysDiffer);
    }

    private static async Task<IResult> FetchAsync(HttpContext http, string public_id, FetchPrekeys fetch, RateLimits limits)
    {
        if (!PublicId.TryParse(public_id, out var id))
        {
            return Problems.Of(Errors.NotFound);
        }
        if (limits.Take(RateKind.PrekeysPair, RateKey.Of(http.Caller().UserId, id.Value)) is { } tooOften)
        {
            return Problems.Of(tooOften);
        }
        var device = Query.Read(http, DeviceId);
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
        http.HandleAsync(PrekeyBodies.Check, (digest, cancellation) => compare.RunAsync(http.Caller(), digest, cancellation), _ => Answers.NoContent);

    private static IResult Counts(PrekeyStock stock) => Answers.Ok(PrekeyCountsBody.From(stock), MimuJson.Default.PrekeyCountsBody);

    private static int? DeviceId(Query query) => query.OptionalInteger("device_id", 1, MaxDeviceId);
}

using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Keys;

namespace Mimu.Appliance.Keys;

/// <summary>Protocol section 3: prekeys.</summary>
internal static class PrekeyEndpoints
{
    private const int MaxDeviceId = 127;

    public static void MapPrekeys(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/users/{public_id}/prekeys", FetchAsync).WithSummary("Take what is needed to begin sessions with somebody; one-time prekeys are consumed") // 3.3
            .Limited(RateKind.Prekeys).Asks(DeviceId).Gives(200, MimuJson.Default.PrekeyBundleBody).Refuses(Errors.NotFound);

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

    private static int? DeviceId(Query query) => query.OptionalInteger("device_id", 1, MaxDeviceId);
}

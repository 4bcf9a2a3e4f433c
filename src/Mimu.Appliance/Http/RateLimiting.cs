using Mimu.Core.Sessions;

namespace Mimu.Appliance.Http;

/// <summary>Holds back who calls an endpoint too often: by account where there is one, else by address.</summary>
internal sealed class RateLimiting(RequestDelegate next, RateLimits limits)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<Limited>() is { Kind: var kind })
        {
            var key = http.Features.Get<AccessToken>() is { } access ? RateKey.Of(access.Caller.UserId) : RateKey.OfAddress(http);
            if (limits.Take(kind, key) is { } refusal)
            {
                await Problems.Of(refusal).ExecuteAsync(http);
                return;
            }
        }
        await next(http);
    }
}

/// <summary>Says of an endpoint which rate limits it.</summary>
internal sealed record Limited(RateKind Kind);

internal static class RateLimitingExtensions
{
    /// <summary>Calls of this endpoint are taken from a bucket of the caller's.</summary>
    public static TBuilder Limited<TBuilder>(this TBuilder builder, RateKind kind)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Limited(kind));
}

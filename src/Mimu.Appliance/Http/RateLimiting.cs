using Mimu.Core;
using Mimu.Core.Sessions;

namespace Mimu.Appliance.Http;

/// <summary>Holds back who calls an endpoint too often: by account where there is one, else by address.</summary>
internal sealed class RateLimiting(RequestDelegate next, RateLimits limits)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<Limited>() is { Kind: var kind, SparesRepeats: var sparesRepeats })
        {
            var key = http.Features.Get<AccessToken>() is { } access ? RateKey.Of(access.Caller.UserId) : RateKey.OfAddress(http);
            if (limits.Take(kind, key) is { } refusal)
            {
                if (!sparesRepeats)
                {
                    return Problems.Of(refusal).ExecuteAsync(http);
                }
                http.Features.Set(new TooOften(refusal));
            }
        }
        return next(http);
    }
}

/// <summary>Says of an endpoint which rate limits it.</summary>
/// <param name="Kind">The rate.</param>
/// <param name="SparesRepeats">Whether the endpoint itself refuses, by <see cref="TooOften"/>, because what it answered before it answers again.</param>
internal sealed record Limited(RateKind Kind, bool SparesRepeats = false);

/// <summary>That the caller has asked too often.</summary>
internal sealed record TooOften(Error Refusal)
{
    /// <summary>The refusal; null when there is none.</summary>
    public static Error? Of(HttpContext http) => http.Features.Get<TooOften>()?.Refusal;
}

internal static class RateLimitingExtensions
{
    /// <summary>Calls of this endpoint are taken from a bucket of the caller's.</summary>
    public static TBuilder Limited<TBuilder>(this TBuilder builder, RateKind kind, bool sparesRepeats = false)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Limited(kind, sparesRepeats));
}

using Mimu.Appliance.Auth;
using Mimu.Core;
using Mimu.Core.Sessions;

namespace Mimu.Appliance.Http;

/// <summary>
/// Lets requests with a good access token through to the endpoints, and to those that say so, everybody. Unknown paths and wrong methods are none of its
/// business: they answer alike with and without a token.
/// </summary>
internal sealed class BearerAuthentication(RequestDelegate next, SessionCheck sessions)
{
    public async Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint() is not RouteEndpoint endpoint || endpoint.Metadata.GetMetadata<Anonymous>() is not null)
        {
            await next(http);
            return;
        }
        var result = http.BearerToken() is not { } token ? Errors.Unauthorized : await sessions.CheckAsync(token, http.RequestAborted);
        if (!result.Succeeded(out var access, out var refusal))
        {
            await Problems.Of(refusal).ExecuteAsync(http);
            return;
        }
        http.Features.Set(access);
        await next(http);
    }
}

/// <summary>Says of an endpoint that it asks for no access token.</summary>
internal sealed class Anonymous;

internal static class AuthenticationExtensions
{
    private const string Scheme = "Bearer ";

    /// <summary>The token of the Authorization header (RFC 6750 section 2.1); null when there is none.</summary>
    public static string? BearerToken(this HttpContext http) =>
        http.Request.Headers.Authorization is [{ } header] && header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            ? header[Scheme.Length..].Trim()
            : null;

    /// <summary>The token of who asks. Only of endpoints that ask for one.</summary>
    public static AccessToken AccessToken(this HttpContext http) =>
        http.Features.Get<AccessToken>() ?? throw new InvalidOperationException("This endpoint asked for no token.");

    /// <summary>Who asks. Only of endpoints that ask for a token.</summary>
    public static Caller Caller(this HttpContext http) => http.AccessToken().Caller;

    /// <summary>These endpoints ask for no access token.</summary>
    public static TBuilder Anonymous<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Anonymous());
}

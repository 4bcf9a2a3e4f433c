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
    public Task InvokeAsync(HttpContext http)
    {
        if (http.GetEndpoint() is not RouteEndpoint endpoint || endpoint.Metadata.GetMetadata<Anonymous>() is not null)
        {
            return next(http);
        }
        if (http.BearerToken() is not { } token)
        {
            return Problems.Of(Errors.Unauthorized).ExecuteAsync(http);
        }
        // Nearly always known already. And it is soon told: asking whether the client is still there would make Kestrel watch it.
        var check = sessions.CheckAsync(token, CancellationToken.None);
        return check.IsCompletedSuccessfully ? GoOn(http, check.Result) : WaitAsync(http, check);
    }

    private async Task WaitAsync(HttpContext http, ValueTask<Result<AccessToken>> check) => await GoOn(http, await check);

    private Task GoOn(HttpContext http, Result<AccessToken> check)
    {
        if (!check.Succeeded(out var access, out var refusal))
        {
            return Problems.Of(refusal).ExecuteAsync(http);
        }
        http.Features.Set(access);
        return next(http);
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

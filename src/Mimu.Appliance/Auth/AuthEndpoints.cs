using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Sessions;

namespace Mimu.Appliance.Auth;

/// <summary>Protocol section 2.</summary>
internal static class AuthEndpoints
{
    public static void MapAuth(this IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/auth").Anonymous();
        var bodies = routes.ServiceProvider.GetRequiredService<AuthBodies>();
        auth.MapPost("/register", RegisterAsync).WithSummary("Make an account with its first device") // 2.1
            .Limited(RateKind.Register).Takes(bodies.Register).Gives(201, MimuJson.Default.TokenBody)
            .Refuses(Errors.RegistrationClosed, Errors.InviteInvalid, Errors.PublicIdTaken);
        auth.MapPost("/login", LoginAsync).WithSummary("Sign in with the password") // 2.2
            .Limited(RateKind.LoginAddress).Takes(AuthBodies.Login).Gives(200, MimuJson.Default.TokenBody)
            .Refuses(Errors.InvalidCredentials, Errors.AccountDisabled);
        auth.MapPost("/refresh", RefreshAsync).WithSummary("Trade a refresh token for a new pair of tokens") // 2.3
            .Takes(AuthBodies.Refresh).Gives(200, MimuJson.Default.TokenBody)
            .Refuses(Errors.InvalidRefreshToken, Errors.RefreshTokenReused, new RateLimited(default));
    }

    private static Task<IResult> RegisterAsync(HttpContext http, AuthBodies bodies, Register register) =>
        http.HandleAsync(bodies.Register, register.RunAsync, grant => Answers.Created(TokenBody.From(grant), MimuJson.Default.TokenBody));

    private static Task<IResult> LoginAsync(HttpContext http, Login login, RateLimits limits) =>
        http.HandleAsync(AuthBodies.Login, async (command, cancellation) =>
            limits.Take(RateKind.LoginAccount, RateKey.Of(command.PublicId.ToLowerInvariant())) ?? await login.RunAsync(command, cancellation), grant => Answers.Ok(TokenBody.From(grant), MimuJson.Default.TokenBody));

    private static Task<IResult> RefreshAsync(HttpContext http, Refresh refresh, RateLimits limits) =>
        http.HandleAsync(AuthBodies.Refresh, async (token, cancellation) =>
        {
            // Of a token that belongs to no session, the address that tries it counts.
            var key = await refresh.FindSessionAsync(token, cancellation) is { } session ? RateKey.Of(session) : RateKey.OfAddress(http);
            return limits.Take(RateKind.Refresh, key) ?? await refresh.RunAsync(token, cancellation);
        }, grant => Answers.Ok(TokenBody.From(grant), MimuJson.Default.TokenBody));
}

using Mimu.Appliance.Http;
using Mimu.Core.Accounts;
using Mimu.Core.Sessions;

namespace Mimu.Appliance.Auth;

/// <summary>Protocol section 2.</summary>
internal static class AuthEndpoints
{
    public static void MapAuth(this IEndpointRouteBuilder routes)
    {
        var auth = routes.MapGroup("/auth").Anonymous();
        auth.MapPost("/register", RegisterAsync); // 2.1
        auth.MapPost("/login", LoginAsync); // 2.2
        auth.MapPost("/refresh", RefreshAsync); // 2.3
    }

    private static Task<IResult> RegisterAsync(HttpContext http, AuthBodies bodies, Register register) =>
        http.HandleAsync(bodies.Register, register.RunAsync, grant => Answers.Created(TokenBody.From(grant), MimuJson.Default.TokenBody));

    private static Task<IResult> LoginAsync(HttpContext http, Login login) =>
        http.HandleAsync(AuthBodies.Login, login.RunAsync, grant => Answers.Ok(TokenBody.From(grant), MimuJson.Default.TokenBody));

    private static Task<IResult> RefreshAsync(HttpContext http, Refresh refresh) =>
        http.HandleAsync(AuthBodies.Refresh, refresh.RunAsync, grant => Answers.Ok(TokenBody.From(grant), MimuJson.Default.TokenBody));
}

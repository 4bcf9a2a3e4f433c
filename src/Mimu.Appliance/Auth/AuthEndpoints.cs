using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Auth;

/// <summary>Protocol section 2.</summary>
internal static class AuthEndpoints
{
    public static void MapAuth(this IEndpointRouteBuilder routes)
    {
        var open = routes.MapGroup("/auth").Anonymous();
        var bodies = routes.ServiceProvider.GetRequiredService<AuthBodies>();
        open.MapPost("/register", RegisterAsync).WithSummary("Make an account with its first device") // 2.1
            .Limited(RateKind.Register).Takes(bodies.Register).Gives(201, () => MimuJson.Default.TokenBody)
            .Refuses(Errors.RegistrationClosed, Errors.InviteInvalid, Errors.PublicIdTaken);
        open.MapPost("/login", LoginAsync).WithSummary("Sign in with the password") // 2.2
            .Limited(RateKind.LoginAddress).Takes(AuthBodies.Login).Gives(200, () => MimuJson.Default.TokenBody)
            .Refuses(Errors.InvalidCredentials, Errors.AccountDisabled);
        open.MapPost("/refresh", RefreshAsync).WithSummary("Trade a refresh token for a new pair of tokens") // 2.3
            .Takes(AuthBodies.Refresh).Gives(200, () => MimuJson.Default.TokenBody)
            .Refuses(Errors.InvalidRefreshToken, Errors.RefreshTokenReused, new RateLimited(default));
        open.MapPost("/reset-password", ResetPasswordAsync).WithSummary("Replace a forgotten password by a signature") // 2.5
            .Takes(bodies.ResetPassword).Gives(204)
            .Refuses(Errors.TimestampOutOfWindow, Errors.SignatureInvalid, Errors.SignatureReplayed, new RateLimited(default));
        var auth = routes.MapGroup("/auth");
        auth.MapPost("/logout", LogoutAsync).WithSummary("End this session").Gives(204); // 2.4
        auth.MapPost("/logout-all", LogoutAllAsync).WithSummary("End all sessions of the account").Gives(204); // 2.4
        auth.MapGet("/sessions", ListSessionsAsync).WithSummary("Where the account is signed in").Gives(200, () => MimuJson.Default.SessionsBody); // 2.4
        auth.MapDelete("/sessions/{session_id}", EndSessionAsync).WithSummary("End one session of the account").Gives(204).Refuses(Errors.NotFound); // 2.4
        auth.MapPost("/change-password", ChangePasswordAsync).WithSummary("Change the password and end every other session") // 2.4
            .Limited(RateKind.LoginAccount).Takes(bodies.ChangePassword).Gives(204).Refuses(Errors.PasswordIncorrect);
        auth.MapPost("/ws-ticket", IssueTicket).WithSummary("Get a ticket that opens one WebSocket").Gives(200, () => MimuJson.Default.WsTicketBody); // 2.4
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

    private static Task<IResult> ResetPasswordAsync(HttpContext http, AuthBodies bodies, ResetPassword reset, RateLimits limits) =>
        http.HandleAsync(bodies.ResetPassword, async (command, cancellation) =>
            limits.Take(RateKind.Reset, RateKey.Of(command.PublicId.ToLowerInvariant())) ?? await reset.RunAsync(command, cancellation), _ => Answers.NoContent);

    private static async Task<IResult> LogoutAsync(HttpContext http, EndSession end) =>
        (await end.RunAsync(http.Caller(), http.RequestAborted)).Then(_ => Answers.NoContent);

    private static async Task<IResult> LogoutAllAsync(HttpContext http, EndAllSessions end) =>
        (await end.RunAsync(http.Caller(), http.RequestAborted)).Then(_ => Answers.NoContent);

    private static async Task<IResult> ListSessionsAsync(HttpContext http, IDatabase database, TimeProvider clock)
    {
        var caller = http.Caller();
        var (sessions, devices) = await database.ReadAsync(
            async tx => (await tx.Sessions.ListAsync(caller.UserId, clock.Now()), await tx.Devices.ListAsync(caller.UserId)), http.RequestAborted);
        return Answers.Ok(new SessionsBody(sessions.Select(session => SessionBody.From(session, devices, caller)).ToList()), MimuJson.Default.SessionsBody);
    }

    private static async Task<IResult> EndSessionAsync(HttpContext http, string session_id, EndSession end) =>
        Ids.TryParse(session_id, out var session)
            ? (await end.RunAsync(http.Caller(), new SessionId(session), http.RequestAborted)).Then(_ => Answers.NoContent)
            : Problems.Of(Errors.NotFound);

    private static Task<IResult> ChangePasswordAsync(HttpContext http, AuthBodies bodies, ChangePassword change) =>
        http.HandleAsync(bodies.ChangePassword, (command, cancellation) => change.RunAsync(http.Caller(), command, cancellation), _ => Answers.NoContent);

    private static IResult IssueTicket(HttpContext http, WsTickets tickets) =>
        Answers.Ok(new WsTicketBody(tickets.Issue(http.AccessToken()), (long)WsTickets.Lifetime.TotalSeconds), MimuJson.Default.WsTicketBody);
}

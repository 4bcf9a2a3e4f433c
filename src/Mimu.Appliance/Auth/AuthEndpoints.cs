using Mimu.Appliance.Http;
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
        open.MapPost("/register", RegisterAsync); // 2.1
        open.MapPost("/login", LoginAsync); // 2.2
        open.MapPost("/refresh", RefreshAsync); // 2.3
        open.MapPost("/reset-password", ResetPasswordAsync); // 2.5
        var auth = routes.MapGroup("/auth");
        auth.MapPost("/logout", LogoutAsync); // 2.4
        auth.MapPost("/logout-all", LogoutAllAsync); // 2.4
        auth.MapGet("/sessions", ListSessionsAsync); // 2.4
        auth.MapDelete("/sessions/{session_id}", EndSessionAsync); // 2.4
        auth.MapPost("/change-password", ChangePasswordAsync); // 2.4
        auth.MapPost("/ws-ticket", IssueTicket); // 2.4
    }

    private static Task<IResult> RegisterAsync(HttpContext http, AuthBodies bodies, Register register) =>
        http.HandleAsync(bodies.Register, register.RunAsync, grant => Answers.Created(TokenBody.From(grant), MimuJson.Default.TokenBody));

    private static Task<IResult> LoginAsync(HttpContext http, Login login) =>
        http.HandleAsync(AuthBodies.Login, login.RunAsync, grant => Answers.Ok(TokenBody.From(grant), MimuJson.Default.TokenBody));

    private static Task<IResult> RefreshAsync(HttpContext http, Refresh refresh) =>
        http.HandleAsync(AuthBodies.Refresh, refresh.RunAsync, grant => Answers.Ok(TokenBody.From(grant), MimuJson.Default.TokenBody));

    private static Task<IResult> ResetPasswordAsync(HttpContext http, AuthBodies bodies, ResetPassword reset) =>
        http.HandleAsync(bodies.ResetPassword, reset.RunAsync, _ => Answers.NoContent);

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

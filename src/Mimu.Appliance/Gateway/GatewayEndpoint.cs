using Mimu.Appliance.Auth;
using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;

namespace Mimu.Appliance.Gateway;

/// <summary>Protocol section 7: the door to the event stream by push.</summary>
internal static class GatewayEndpoint
{
    /// <summary>HTTP/1.1 upgrades a GET (RFC 6455); HTTP/2 opens a stream by CONNECT (RFC 8441).</summary>
    private static readonly string[] _methods = [HttpMethods.Get, HttpMethods.Connect];

    public static void MapGateway(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/ws", _methods, OpenAsync).Anonymous().WithSummary("Open a WebSocket: events by push, frames from the client") // 7
            .Asks(Opening).Gives(101).Refuses(Errors.MalformedRequest, Errors.Unauthorized, Errors.TokenExpired, Errors.SessionEnded, Errors.Blocked);

    private static async Task<IResult> OpenAsync(
        HttpContext http, SessionCheck sessions, Origins origins, GatewayContext gateway, ConnectionTable connections, ClientFrames frames)
    {
        var query = Query.Read(http, Opening);
        if (!query.Succeeded(out var wanted, out var refusal))
        {
            return Problems.Of(refusal);
        }
        if (wanted is { Token: not null, Ticket: not null })
        {
            return Problems.Of(new ValidationFailed([new Fault("ticket", "must not be given together with token")]));
        }
        var checkedToken = wanted.Ticket is { } ticket ? await sessions.CheckTicketAsync(ticket, http.RequestAborted)
            : (wanted.Token ?? http.BearerToken()) is { } token ? await sessions.CheckAsync(token, http.RequestAborted)
            : Errors.Unauthorized;
        if (!checkedToken.Succeeded(out var access, out refusal))
        {
            return Problems.Of(refusal);
        }
        if (!http.WebSockets.IsWebSocketRequest)
        {
            return Problems.Of(Errors.MalformedRequest.Because("A WebSocket handshake was expected (RFC 6455)."));
        }
        if (!origins.Admit(http))
        {
            return Problems.Of(Errors.Blocked.Because("Web pages of this origin may not connect: its place is in server.cors_origins."));
        }
        using var socket = await http.WebSockets.AcceptWebSocketAsync();
        var connection = new Connection(socket, access, gateway, frames);
        if (!connections.TryAdd(connection))
        {
            connection.Close(CloseCodes.Restarting, "the server is restarting");
        }
        try
        {
            await connection.RunAsync(wanted.Since);
        }
        finally
        {
            connections.Remove(connection);
        }
        return Results.Empty;
    }

    private static (string? Token, string? Ticket, string? Since) Opening(Query query) => (query.Text("token"), query.Text("ticket"), query.Text("since"));
}

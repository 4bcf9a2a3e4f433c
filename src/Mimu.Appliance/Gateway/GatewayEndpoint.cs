using System.IO.Pipelines;
using Mimu.Appliance.Auth;
using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;
using Mimu.Core.Calls;
using Mimu.Core.Push;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Gateway;

/// <summary>Protocol section 7: the door to the event stream by push.</summary>
internal sealed partial class SocketDoor(
    SessionCheck sessions, Origins origins, GatewayContext gateway, ConnectionTable connections, ClientFrames frames, CallTable calls, WakeUps wakeUps,
    ILogger<SocketDoor> log)
{
    /// <summary>How long to wait for a database that has too much to do.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    /// <summary>Serves a socket, or says why not.</summary>
    public async Task OpenAsync(HttpContext http)
    {
        var admitted = await AdmitAsync(http);
        if (!admitted.Succeeded(out var wanted, out var refusal))
        {
            await Problems.Of(refusal).ExecuteAsync(http);
            return;
        }
        await WebSocketHandshake.AcceptAsync(http, (pipes, cut) => ServeAsync(pipes, cut, wanted.Token, wanted.Since));
    }

    private async ValueTask<Result<(AccessToken Token, string? Since)>> AdmitAsync(HttpContext http)
    {
        var query = Query.Read(http, Opening);
        if (!query.Succeeded(out var wanted, out var refusal))
        {
            return refusal;
        }
        if (wanted is { Token: not null, Ticket: not null })
        {
            return new ValidationFailed([new Fault("ticket", "must not be given together with token")]);
        }
        var checkedToken = wanted.Ticket is { } ticket ? await sessions.CheckTicketAsync(ticket, http.RequestAborted)
            : (wanted.Token ?? http.BearerToken()) is { } token ? await sessions.CheckAsync(token, http.RequestAborted)
            : Errors.Unauthorized;
        if (!checkedToken.Succeeded(out var access, out refusal))
        {
            return refusal;
        }
        if (!WebSocketHandshake.IsAskedFor(http))
        {
            return Errors.MalformedRequest.Because("A WebSocket handshake was expected (RFC 6455).");
        }
        if (!origins.Admit(http))
        {
            return Errors.Blocked.Because("Web pages of this origin may not connect: its place is in server.cors_origins.");
        }
        return (access, wanted.Since);
    }

    private async Task ServeAsync(IDuplexPipe pipes, Action cut, AccessToken access, string? since)
    {
        var connection = new Connection(pipes, access, gateway, frames, calls, cut);
        if (!connections.TryAdd(connection))
        {
            connection.Close(CloseCodes.Restarting, "the server is restarting");
        }
        try
        {
            await connection.RunAsync(since);
        }
        finally
        {
            connections.Remove(connection);
            await WakeForTheRestAsync(connection);
        }
    }

    /// <summary>Of what the socket was sent and may not have got, a push tells.</summary>
    private async ValueTask WakeForTheRestAsync(Connection connection)
    {
        for (var left = 2; ; left--)
        {
            try
            {
                await wakeUps.SocketLostAsync(connection.Caller, connection.Taken, connections.IsClosed);
                return;
            }
            catch (Exception e) when (e is StorageBusyException && left > 0 && !connections.IsClosed)
            {
                await Task.Delay(_patience, gateway.Clock);
            }
            catch (Exception e) when (e is StorageFullException or StorageBusyException or StorageUnavailableException)
            {
                LogNotWoken(e);
                return;
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Whether a lost socket's device has to be woken could not be noted")]
    private partial void LogNotWoken(Exception exception);

    internal static (string? Token, string? Ticket, string? Since) Opening(Query query) => (query.Text("token"), query.Text("ticket"), query.Text("since"));
}

internal static class GatewayEndpoint
{
    /// <summary>HTTP/1.1 upgrades a GET (RFC 6455); HTTP/2 opens a stream by CONNECT (RFC 8441).</summary>
    private static readonly string[] _methods = [HttpMethods.Get, HttpMethods.Connect];

    /// <summary>As a plain delegate: what a socket's request asks the services for would stay as long as the socket.</summary>
    public static void MapGateway(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/ws", _methods, routes.ServiceProvider.GetRequiredService<SocketDoor>().OpenAsync).Anonymous() // 7
            .WithSummary("Open a WebSocket: events by push, frames from the client").Asks(SocketDoor.Opening).Gives(101)
            .Refuses(Errors.MalformedRequest, Errors.Unauthorized, Errors.TokenExpired, Errors.SessionEnded, Errors.Blocked);
}

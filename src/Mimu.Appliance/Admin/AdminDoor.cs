using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Mimu.Appliance.Http;

namespace Mimu.Appliance.Admin;

/// <summary>
/// The door of <c>mimu admin</c> to a running server: HTTP over a Unix socket. What comes through it sees the administrator's verbs and nothing else, and they
/// are seen through no other: the way parts before anything is routed, by the listener that a connection came in at.
/// </summary>
internal static class AdminDoor
{
    public static void Configure(IWebHostBuilder host, string path)
    {
        // Not UseSockets, which would put Kestrel's own sockets before FairAccepting.
        host.ConfigureServices(services => services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = endPoint =>
            endPoint is UnixDomainSocketEndPoint ? AdminSocket.Bind(path) : SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint)));
        host.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Path.GetFullPath(path), listener =>
        {
            listener.Protocols = HttpProtocols.Http1;
            listener.Use(next => connection =>
            {
                connection.Features.Set(new CameThroughAdminDoor());
                return next(connection);
            });
        }));
    }

    /// <summary>Everything that comes through the admin door ends here.</summary>
    public static Task ServeAsync(HttpContext http, RequestDelegate next) =>
        http.Features.Get<CameThroughAdminDoor>() is null ? next(http) : AnswerAsync(http, http.RequestServices.GetRequiredService<AdminVerbs>());

    private static async Task AnswerAsync(HttpContext http, AdminVerbs verbs)
    {
        if (verbs.Find(http.Request.Path.Value ?? "") is not { } verb)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.Headers.Allow = HttpMethods.Post;
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }
        var body = await JsonBody.ReadAsync(http, fields => verb(fields));
        var result = body.Succeeded(out var work, out var fault) ? await work(http.RequestAborted) : fault;
        await result.Then(Answers.Ok).ExecuteAsync(http);
    }

    private sealed class CameThroughAdminDoor;
}

using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mimu.Bench.Floors;

/// <summary>
/// The least that a Kestrel server can do with a message: (a) send a WebSocket frame back, (c) read a POST and answer 201. No JSON is
/// read, nothing is checked or stored. This runs in a child process of its own.
/// </summary>
internal static class KestrelFloors
{
    private static readonly byte[] Created = """{"message_id":"019ab000-0000-7000-8000-000000000000"}"""u8.ToArray();

    public static async Task ServeAsync(int port)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        await using WebApplication app = builder.Build();
        app.UseWebSockets();
        app.Run(HandleAsync);
        EndWithParent(app.Lifetime);
        await app.RunAsync();
    }

    private static Task HandleAsync(HttpContext context) => context.Request.Path.Value switch
    {
        "/ws" => EchoAsync(context),
        "/api/v1/messages" => AcceptAsync(context),
        _ => Task.CompletedTask, // 200, which is what /healthz is asked for
    };

    private static async Task EchoAsync(HttpContext context)
    {
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult received = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
                if (received.MessageType == WebSocketMessageType.Close)
                    return;
                await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
            }
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException)
        {
            // The client hung up without a closing handshake: how every run ends.
        }
    }

    private static async Task AcceptAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync();
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                break;
        }

        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = Created.Length;
        await context.Response.BodyWriter.WriteAsync(Created);
    }

    /// <summary>Our end of standard input closes when the bench dies, however it dies: then nobody would stop us.</summary>
    private static void EndWithParent(IHostApplicationLifetime lifetime)
    {
        var watcher = new Thread(() =>
        {
            while (Console.In.Read() >= 0)
            {
                // Nothing is ever sent.
            }

            lifetime.StopApplication();
        })
        { IsBackground = true };
        watcher.Start();
    }
}

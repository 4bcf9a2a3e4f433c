using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mimu.Appliance;

/// <summary>
/// Sends away who connects and says nothing. Kestrel alone would wait as long for the first request as for the next one, and that is more than two minutes,
/// since proxies keep connections.
/// </summary>
internal static class FirstWords
{
    public static void Await(ListenOptions listener, TimeSpan patience) => listener.Use(next => async connection =>
    {
        if (await SpeaksAsync(connection, patience))
        {
            await next(connection);
        }
    });

    /// <summary>False when the connection is to end: its time is over, the client has gone, or the server stops.</summary>
    private static async Task<bool> SpeaksAsync(ConnectionContext connection, TimeSpan patience)
    {
        var stops = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed, stops);
        limit.CancelAfter(patience);
        try
        {
            var input = connection.Transport.Input;
            var words = await input.ReadAsync(limit.Token);
            // They are for whoever comes next.
            input.AdvanceTo(words.Buffer.Start);
            return !words.Buffer.IsEmpty;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            return false;
        }
    }
}

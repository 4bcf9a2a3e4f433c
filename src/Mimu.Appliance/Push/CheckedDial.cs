using System.Net;
using System.Net.Sockets;
using Mimu.Core.Push;

namespace Mimu.Appliance.Push;

/// <summary>
/// Connects to what clients name, and to nothing inside: a name is looked up once, all its addresses must be of the Internet, and the connection goes to those that were looked at, so
/// that a name that leads elsewhere a moment later is of no use (DNS rebinding).
/// </summary>
/// <param name="allowPrivate">Whether the administrator allows addresses that are not of the Internet.</param>
/// <param name="resolve">Looks up names; tests have their own.</param>
internal sealed class CheckedDial(bool allowPrivate, Func<string, CancellationToken, Task<IPAddress[]>> resolve)
{
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var addresses = await resolve(context.DnsEndPoint.Host, cancellation);
        if (!allowPrivate && Array.Exists(addresses, address => !PublicAddress.IsPublic(address)))
        {
            throw new BlockedAddressException();
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The name leads to an address that is not of the Internet.</summary>
internal sealed class BlockedAddressException() : IOException("The address is not public.");

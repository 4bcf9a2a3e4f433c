using System.Net.Sockets;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Admin;

/// <summary>The Unix socket of <c>mimu admin</c> as a file. Who may open it is all that guards it: its owner and nobody else.</summary>
internal static class AdminSocket
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Bound and not listening yet, so that nobody gets in before the file has its mode. What a dead process left behind gives way.</summary>
    /// <exception cref="StorageRefusedException">One sentence says why it can't be bound.</exception>
    public static Socket Bind(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            MakeRoom(path);
            socket.Bind(EndPointOf(path));
            File.SetUnixFileMode(path, OwnerOnly);
            return socket;
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (e is IOException or UnauthorizedAccessException or SocketException or ArgumentException)
            {
                throw new StorageRefusedException(StorageRefusal.NotWritable, $"The socket {path} can't be made: {e.Message} Choose another path in admin.socket.", e);
            }
            throw;
        }
    }

    /// <summary>A connection to the server that listens there; null when none does.</summary>
    /// <exception cref="UnauthorizedAccessException">Somebody else's server does.</exception>
    public static async ValueTask<Socket?> TryConnectAsync(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path))
        {
            return null;
        }
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(EndPointOf(path), cancellation);
            return socket;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket.Dispose();
            return e is SocketException { SocketErrorCode: SocketError.AccessDenied }
                ? throw new UnauthorizedAccessException($"The socket {path} belongs to another user: run this as the user that the server runs as.", e)
                : null;
        }
    }

    /// <summary>Removes what is left of a dead process. A connection is refused by a socket that nobody listens on, and by a file that is none: those have a length.</summary>
    private static void MakeRoom(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists)
        {
            return;
        }
        if (file.Length > 0 || file.LinkTarget is not null)
        {
            throw new IOException("There is a file of this name that is no socket.");
        }
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(EndPointOf(path));
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused)
        {
            file.Delete();
            return;
        }
        throw new StorageRefusedException(StorageRefusal.InUse, $"Another process listens on the socket {path}. Choose another path in admin.socket.");
    }

    /// <summary>The kernel takes paths of up to 107 bytes (unix(7)); from here it may be shorter.</summary>
    private static UnixDomainSocketEndPoint EndPointOf(string path)
    {
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, path);
        return new UnixDomainSocketEndPoint(relative.Length < path.Length ? relative : path);
    }
}

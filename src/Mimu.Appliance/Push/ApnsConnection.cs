using System.Net.Sockets;
using Mimu.Appliance.Outside;

namespace Mimu.Appliance.Push;

/// <summary>
/// One connection to APNs, and never a second one. Until one request has succeeded on it, requests go one at a time, as APNs allows no more ("Establishing a token-based connection to
/// APNs"); how many later, HTTP/2 says. When it has ended, another one of these takes its place.
/// </summary>
internal sealed class ApnsConnection : IDisposable
{
    /// <summary>"Sending notification requests to APNs": an idle connection is kept, and may be asked after an hour whether it is still there.</summary>
    private static readonly TimeSpan _ping = TimeSpan.FromHours(1);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();
    private readonly OutsideDoor _door;
    private bool _hasConnected;
    private bool _isOver;
    private int _users;
    private volatile bool _isProven;

    public ApnsConnection(TimeProvider clock)
    {
        var handler = OutsideDoor.Handler();
        handler.EnableMultipleHttp2Connections = false;
        handler.PooledConnectionLifetime = Timeout.InfiniteTimeSpan;
        handler.PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan;
        handler.KeepAlivePingDelay = _ping;
        handler.KeepAlivePingTimeout = OutsideDoor.Patience;
        handler.ConnectCallback = ConnectAsync;
        _door = new OutsideDoor(handler, clock);
    }

    /// <summary>Sends a request on it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="wait">Ends when it takes too long, or with the next.</param>
    /// <param name="cancellation">Ends when the caller gives up.</param>
    /// <returns>The answer; null if the connection had ended before, so that the request has to be sent on another.</returns>
    /// <exception cref="OperationCanceledException">The caller has given up, or the request's turn did not come in time.</exception>
    public async Task<OutsideAnswer?> SendAsync(HttpRequestMessage request, CancellationToken wait, CancellationToken cancellation)
    {
        if (!Enter())
        {
            return null;
        }
        try
        {
            if (!_isProven)
            {
                await _turn.WaitAsync(wait);
                try
                {
                    if (!_isProven)
                    {
                        var first = Volatile.Read(ref _isOver) ? null : await SendOnceAsync(request, wait, cancellation);
                        _isProven |= first is { Status: 200 };
                        return first;
                    }
                }
                finally
                {
                    _turn.Release();
                }
            }
            return await SendOnceAsync(request, wait, cancellation);
        }
        finally
        {
            Exit();
        }
    }

    /// <summary>Takes no more requests, and closes when those under way are answered.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isOver)
            {
                return;
            }
            _isOver = true;
        }
        CloseIfUnused();
    }

    private bool Enter()
    {
        lock (_gate)
        {
            _users += _isOver ? 0 : 1;
            return !_isOver;
        }
    }

    private void Exit()
    {
        lock (_gate)
        {
            _users--;
        }
        CloseIfUnused();
    }

    private void CloseIfUnused()
    {
        lock (_gate)
        {
            if (!_isOver || _users > 0)
            {
                return;
            }
        }
        _door.Dispose();
        _turn.Dispose();
    }

    private async Task<OutsideAnswer?> SendOnceAsync(HttpRequestMessage request, CancellationToken wait, CancellationToken cancellation)
    {
        var answer = await _door.SendAsync(request, wait, cancellation);
        for (var e = answer.Exception; e is not null; e = e.InnerException)
        {
            if (e is ConnectionOverException)
            {
                return null;
            }
        }
        return answer;
    }

    /// <summary>Once. A second time means that the first connection has ended and that the request was not sent on it.</summary>
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_hasConnected)
            {
                throw new ConnectionOverException();
            }
            _hasConnected = true;
        }
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private sealed class ConnectionOverException() : IOException("The connection is over.");
}

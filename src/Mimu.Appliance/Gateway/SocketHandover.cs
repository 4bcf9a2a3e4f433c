using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mimu.Appliance.Gateway;

/// <summary>
/// Takes a connection over from the HTTP server once a request has become a WebSocket, so that an idle socket keeps none of what served the request: half of
/// all memory that it would hold. The server is let to believe that the connection has ended; what it completes or hears of after that is kept from the connection.
/// </summary>
internal sealed class SocketHandover : IDuplexPipe, IConnectionHeartbeatFeature
{
    private readonly ConnectionContext _connection;
    private readonly IDuplexPipe _pipes;
    private Func<IDuplexPipe, Task>? _serve;
    private Action<object>? _onHeartbeat;
    private object? _heart;
    private readonly TimeSpan _patience;
    private readonly long _since = Environment.TickCount64;
    private volatile bool _hasSpoken;

    private SocketHandover(ConnectionContext connection, TimeSpan patience)
    {
        _connection = connection;
        _patience = patience;
        _pipes = connection.Transport;
        Input = new KeptReader(this, _pipes.Input);
        Output = new KeptWriter(this, _pipes.Output);
    }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    private bool IsTaken => _serve is not null;

    /// <summary>
    /// Makes the connections of a listener ones that can be taken over, and has those cut that say nothing for as long as <paramref name="patience"/>: Kestrel alone would
    /// wait as long for the first request as for the next one, and that is more than two minutes, since proxies keep connections.
    /// </summary>
    public static void Enable(ListenOptions listener, TimeSpan patience) => listener.Use(next => connection => ServeAsync(next, connection, patience));

    /// <summary>Has <paramref name="serve"/> go on with the connection when the server is done with the request.</summary>
    public void Take(Func<IDuplexPipe, Task> serve)
    {
        _serve = serve;
        _onHeartbeat = null;
        _heart = null;
    }

    /// <summary>Ends the connection at once.</summary>
    public void Abort() => _connection.Abort();

    /// <summary>The server's timeouts, which must not hold on to it once they concern nobody.</summary>
    void IConnectionHeartbeatFeature.OnHeartbeat(Action<object> action, object state)
    {
        (_onHeartbeat, _heart) = (action, state);
    }

    private static async Task ServeAsync(ConnectionDelegate next, ConnectionContext connection, TimeSpan patience)
    {
        var handover = new SocketHandover(connection, patience);
        var heartbeat = connection.Features.Get<IConnectionHeartbeatFeature>();
        heartbeat?.OnHeartbeat(static handover => ((SocketHandover)handover).Beat(), handover);
        connection.Features.Set<IConnectionHeartbeatFeature>(handover);
        connection.Features.Set(handover);
        connection.Transport = handover;
        await next(connection);
        connection.Transport = handover._pipes;
        if (handover._serve is { } serve)
        {
            await serve(handover._pipes);
        }
    }

    private void Beat()
    {
        if (!_hasSpoken && Environment.TickCount64 - _since > (long)_patience.TotalMilliseconds)
        {
            Abort();
        }
        var (action, state) = (_onHeartbeat, _heart);
        if (state is not null)
        {
            action?.Invoke(state);
        }
    }

    private sealed class KeptReader(SocketHandover handover, PipeReader reader) : PipeReader
    {
        public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
        {
            handover._hasSpoken = true;
            reader.AdvanceTo(consumed, examined);
        }

        public override void CancelPendingRead() => reader.CancelPendingRead();

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => reader.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result) => reader.TryRead(out result);

        public override void Complete(Exception? exception = null)
        {
            if (!handover.IsTaken)
            {
                reader.Complete(exception);
            }
        }

        public override ValueTask CompleteAsync(Exception? exception = null) => handover.IsTaken ? ValueTask.CompletedTask : reader.CompleteAsync(exception);
    }

    private sealed class KeptWriter(SocketHandover handover, PipeWriter writer) : PipeWriter
    {
        public override bool CanGetUnflushedBytes => writer.CanGetUnflushedBytes;

        public override long UnflushedBytes => writer.UnflushedBytes;

        public override void Advance(int bytes) => writer.Advance(bytes);

        public override void CancelPendingFlush() => writer.CancelPendingFlush();

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => writer.FlushAsync(cancellationToken);

        public override Memory<byte> GetMemory(int sizeHint = 0) => writer.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => writer.GetSpan(sizeHint);

        public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
            writer.WriteAsync(source, cancellationToken);

        public override void Complete(Exception? exception = null)
        {
            if (!handover.IsTaken)
            {
                writer.Complete(exception);
            }
        }

        public override ValueTask CompleteAsync(Exception? exception = null) => handover.IsTaken ? ValueTask.CompletedTask : writer.CompleteAsync(exception);
    }
}

using Mimu.Appliance.Outside;

namespace Mimu.Appliance.Push;

/// <summary>The way to one of APNs' environments: one connection at a time, and another when it has ended or APNs asks for it.</summary>
/// <param name="clock">The time.</param>
/// <param name="limit">How long a request may take, the wait for its turn included.</param>
internal sealed class ApnsLine(TimeProvider clock, TimeSpan limit) : IDisposable
{
    /// <summary>On how many connections one request is tried: the first may have ended unnoticed, and a service that closes all of them is not to be stormed.</summary>
    private const int Connections = 3;

    private readonly Lock _gate = new();
    private ApnsConnection _present = new(clock);

    /// <summary>Sends a request, made again should it have to be sent on another connection.</summary>
    /// <param name="make">Makes the request.</param>
    /// <param name="cancellation">Ends when the caller gives up.</param>
    /// <returns>The answer, and on which connection it came.</returns>
    /// <exception cref="OperationCanceledException">The caller has given up.</exception>
    public async Task<(OutsideAnswer Answer, ApnsConnection Connection)> SendAsync(Func<HttpRequestMessage> make, CancellationToken cancellation)
    {
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        wait.CancelAfter(limit);
        for (var attempt = 1; ; attempt++)
        {
            var connection = Volatile.Read(ref _present);
            using var request = make();
            OutsideAnswer? answer;
            try
            {
                answer = await connection.SendAsync(request, wait.Token, cancellation);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return (OutsideAnswer.None($"{request.RequestUri!.IdnHost} does not answer in time", null), connection);
            }
            if (answer is { Fault: null })
            {
                return (answer, connection);
            }
            Leave(connection);
            if (answer is not null || attempt == Connections)
            {
                return (answer ?? OutsideAnswer.None($"{request.RequestUri!.IdnHost} closes its connections at once", null), connection);
            }
        }
    }

    /// <summary>Goes on with another connection, if this one is still in use.</summary>
    public void Leave(ApnsConnection connection)
    {
        lock (_gate)
        {
            if (_present == connection)
            {
                _present = new ApnsConnection(clock);
            }
        }
        connection.Dispose();
    }

    public void Dispose() => _present.Dispose();
}

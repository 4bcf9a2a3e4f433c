using System.Diagnostics;
using System.Net;
using System.Runtime.ExceptionServices;
using Mimu.Bench.Client;
using Mimu.Bench.Measure;

namespace Mimu.Bench.Load;

/// <summary>
/// A client with nothing to do with the load: it asks in turn, one request after the other on one connection, and takes the times. Its
/// thread goes before all others where it may: a real client has a machine of its own, and does not wait for the load's to have its turn.
/// </summary>
internal sealed class Bystander(IPEndPoint server, Faults faults, IReadOnlyList<(byte[] Request, int Status)> requests)
{
    /// <summary>Whether its thread was allowed to go before all others.</summary>
    public bool GoesFirst { get; private set; }

    /// <summary>Asks for as long as something else happens.</summary>
    public Histogram Watch(Action happens)
    {
        var times = new Histogram();
        var isOver = false;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                GoesFirst = Native.TryGoFirst();
                using var http = new BlockingHttp(server);
                for (int i = 0; !Volatile.Read(ref isOver); i++)
                    AskOne(http, requests[i % requests.Count], times);
            }
            catch (Exception problem)
            {
                failure = ExceptionDispatchInfo.Capture(problem);
            }
        });
        thread.Start();
        try
        {
            happens();
        }
        finally
        {
            Volatile.Write(ref isOver, true);
            thread.Join();
        }

        failure?.Throw();
        return times;
    }

    private void AskOne(BlockingHttp http, (byte[] Request, int Status) one, Histogram times)
    {
        long begun = Stopwatch.GetTimestamp();
        int status = http.Ask(one.Request);
        times.Record((long)Stopwatch.GetElapsedTime(begun).TotalNanoseconds);
        if (status != one.Status)
            faults.Add($"another request was answered with {status} instead of {one.Status}");
    }
}

using System.Diagnostics;
using System.Net;
using Mimu.Bench.Client;
using Mimu.Bench.Measure;

namespace Mimu.Bench.Load;

/// <summary>Many logins at once, each on a connection of its own that is opened with the others and closed by its answer.</summary>
internal sealed class LoginWave : IInbox
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Faults _faults;
    private readonly long _begun = Stopwatch.GetTimestamp();

    private LoginWave(int logins, Faults faults)
    {
        Logins = logins;
        _faults = faults;
    }

    public int Logins { get; }

    /// <summary>From the beginning of the wave to each 200.</summary>
    public Histogram Ok { get; } = new();

    /// <summary>The same to each 503 that tells when to come again.</summary>
    public Histogram Refused { get; } = new();

    /// <summary>Answers of another kind, and connections that broke.</summary>
    public int Odd { get; private set; }

    private long Answered => Ok.Count + Refused.Count + Odd;

    /// <summary>Runs until every login has its answer.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="requests">The logins, in turn.</param>
    /// <param name="logins">How many.</param>
    /// <param name="held">Whether all connections are opened first and all logins sent then; else each is sent as soon as its connection is open.</param>
    /// <param name="faults">What went wrong.</param>
    public static LoginWave Run(IPEndPoint server, byte[][] requests, int logins, bool held, Faults faults)
    {
        using var poller = new Poller();
        var wave = new LoginWave(logins, faults);
        for (int i = 0; i < logins; i++)
        {
            HttpConnection.Begin(poller, server, wave, i).Append(requests[i % requests.Length]);
            if (!held)
                poller.Poll(0);
        }

        while (wave.Answered < logins && Stopwatch.GetElapsedTime(wave._begun) < Patience)
            poller.Poll(100);
        if (wave.Answered < logins)
            faults.Add($"{logins - wave.Answered} logins were not answered within {Patience.TotalSeconds} s");
        return wave;
    }

    void IInbox.Response(HttpConnection from, int status, ReadOnlySpan<byte> headAndBody, long now)
    {
        long took = (long)Stopwatch.GetElapsedTime(_begun, now).TotalNanoseconds;
        if (status == 200)
        {
            Ok.Record(took);
        }
        else if (status == 503 && headAndBody.IndexOf("Retry-After: "u8) > 0)
        {
            Refused.Record(took);
        }
        else
        {
            Odd++;
            _faults.Add($"a login was answered with {status}{(status == 503 ? " and no Retry-After" : "")}");
        }

        from.Dispose();
    }

    void IInbox.Lost(string who, string reason)
    {
        Odd++;
        _faults.Add($"{who}: {reason}");
    }

    void IInbox.Text(WebSocketConnection from, ReadOnlySpan<byte> frame, long now) => throw new InvalidOperationException("There are no sockets in a wave of logins.");
}

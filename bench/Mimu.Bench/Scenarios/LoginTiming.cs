using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Mimu.Bench.Client;
using Mimu.Bench.Load;
using Mimu.Bench.Report;
using Mimu.Bench.Server;

namespace Mimu.Bench.Scenarios;

/// <summary>Whether the time of a refused login tells that the account exists. One login at a time, so that nothing but its own work is in it.</summary>
internal static class LoginTiming
{
    private const double MostPercentApart = 5;
    private const int Accounts = 20;
    private const int Kinds = 3;

    public static async Task<Result[]> RunAsync(Surface surface)
    {
        if (surface.Options.FloorsOnly)
            return [];
        await using MimuServer server = await surface.StartServerAsync(Hashing.Default);
        using (var api = new Api(server.Address))
            await api.RegisterAsync(Accounts);

        int tries = surface.Options.Quick ? 10 : 200;
        var window = new Window();
        window.Begin(server.Meter);
        List<double>[] millis = Measure(surface, server.Address, tries);
        window.End(server.Meter);
        await server.StopAsync(surface.Faults);

        double wrong = Median(millis[0]), unknown = Median(millis[1]), right = Median(millis[2]);
        double apart = Math.Abs(wrong - unknown) / Math.Min(wrong, unknown) * 100;
        if (apart > MostPercentApart && !surface.Options.Quick)
            surface.Faults.Add($"a wrong password takes {wrong:0.00} ms, an unknown account {unknown:0.00} ms: {apart:0.0} % apart, at most {MostPercentApart} may be");
        return [new Result("login-timing")
        {
            OthersPercent = window.OthersPercent,
            Note = "medians: wrong password {wrong_ms} ms, unknown account {unknown_ms} ms, {percent_apart} % apart; right password {right_ms} ms",
            Extra = new Dictionary<string, double> { ["wrong_ms"] = wrong, ["unknown_ms"] = unknown, ["percent_apart"] = apart, ["right_ms"] = right },
        }];
    }

    /// <summary>The times of wrong passwords, of unknown accounts, and of right passwords.</summary>
    private static List<double>[] Measure(Surface surface, IPEndPoint address, int tries)
    {
        using var http = new BlockingHttp(address);
        List<double>[] millis = [[], [], []];
        // The first of each is not measured: it opens the connection's paths, and the first unknown account makes the hash that stands for all of them.
        for (int i = -1; i < tries; i++)
        {
            // Each kind comes as often first as second as third, so that none always follows the one that writes to the disk.
            for (int place = 0; place < Kinds; place++)
            {
                int kind = (Math.Max(i, 0) + (i % 2 == 0 ? place : Kinds - place)) % Kinds;
                byte[] request = Request(address, kind, Math.Max(i, 0) % Accounts);
                long begun = Stopwatch.GetTimestamp();
                int status = http.Ask(request);
                double took = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
                if (status != (kind == 2 ? 200 : 401))
                    surface.Faults.Add($"a login was answered with {status}");
                if (i >= 0)
                    millis[kind].Add(took);
            }
        }

        return millis;
    }

    /// <summary>All of one length.</summary>
    private static byte[] Request(IPEndPoint address, int kind, int number) => BlockingHttp.Request(address, "POST /auth/login", body: JsonSerializer.Serialize(new
    {
        public_id = kind == 1 ? Api.NameOf(number).Replace("bench", "bulge", StringComparison.Ordinal) : Api.NameOf(number),
        password = kind == 0 ? Api.Password.ToUpperInvariant() : Api.Password,
    }));

    private static double Median(List<double> numbers)
    {
        numbers.Sort();
        int middle = numbers.Count / 2;
        return numbers.Count % 2 == 1 ? numbers[middle] : (numbers[middle - 1] + numbers[middle]) / 2;
    }
}

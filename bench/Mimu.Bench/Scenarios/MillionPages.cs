using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics;
using System.Net;
using Mimu.Bench.Client;
using Mimu.Bench.Measure;
using Mimu.Bench.Report;
using Mimu.Bench.Server;

namespace Mimu.Bench.Scenarios;

/// <summary>Pages of a long history, asked for one after the other on one connection: nearly all of the time is the server's.</summary>
internal static class MillionPages
{
    /// <summary>Section 17 of the plan: a page of history.</summary>
    private const double MostMillisHistory = 2;

    /// <summary>The first page of a stream, and what the others are held to.</summary>
    private const double MostMillisSync = 5;

    public static IEnumerable<Result> Measure(Surface surface, MimuServer server, Account[] accounts, History history)
    {
        int tries = surface.Options.Quick ? 20 : 1000;
        var random = new Dice(2);
        Dictionary<string, Account> owners = accounts.ToDictionary(account => account.UserId.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant());
        IPEndPoint address = server.Address;

        byte[] Get(Account account, string path) => BlockingHttp.Request(address, $"GET {path}", account.Token);
        byte[] History((byte[] Id, byte[][] Members) chat)
            => Get(owners[Convert.ToHexString(chat.Members[random.Next(chat.Members.Length)])], $"/api/v1/messages?limit=50&chat_id={new Guid(chat.Id, bigEndian: true)}");
        byte[] Sync(long since) => Get(accounts[random.Next(accounts.Length)], $"/api/v1/sync?limit=100&since={Cursor(history.Epoch, since)}");
        byte[] AnyChats(string query) => Get(accounts[random.Next(accounts.Length)], $"/api/v1/chats?limit={query}");

        return
        [
            Time("history", MostMillisHistory, () => History(history.Chats[random.Next(history.Chats.Count)])),
            Time("history-busy", MostMillisHistory, () => History(history.Chats[^(1 + random.Next(HistorySize.BusyChats))])),
            Time("sync-far", MostMillisSync, () => Sync(history.Begin + random.Next((history.End - history.Begin) / 4))),
            Time("sync-near", MostMillisSync, () => Sync(history.End - 1 - random.Next(1000))),
            Time("chats-50", null, () => AnyChats("50")),
            Time("chats-10", null, () => AnyChats("10")),
        ];

        Result Time(string name, double? most, Func<byte[]> next)
        {
            Progress.Tell($"  {name}");
            using var http = new BlockingHttp(address);
            var times = new Histogram();
            long bytes = 0;
            double machine = MachineMeter.BusyNanoseconds();
            long cpu = server.Meter.CpuNanoseconds(), own = ProcessMeter.Self.CpuNanoseconds(), start = Stopwatch.GetTimestamp();
            // The first ones open the connection's paths.
            for (int i = -20; i < tries; i++)
            {
                byte[] request = next();
                long begun = Stopwatch.GetTimestamp();
                int status = http.Ask(request);
                if (i >= 0)
                    times.Record((long)Stopwatch.GetElapsedTime(begun).TotalNanoseconds);
                if (status != 200)
                    surface.Faults.Add($"{name} was answered with {status}");
                bytes += http.Length;
            }

            double micros = (server.Meter.CpuNanoseconds() - cpu) / 1e3, ours = (ProcessMeter.Self.CpuNanoseconds() - own) / 1e3;
            Latency latency = times.ToLatency()!;
            if (latency.P50 > most && !surface.Options.Quick)
                surface.Faults.Add($"{name} takes {latency.P50:0.00} ms, at most {most:0} is allowed");
            return new Result(name)
            {
                Latency = latency,
                CpuMicros = micros / (tries + 20),
                ClientCpuMicros = ours / (tries + 20),
                OthersPercent = MachineMeter.OthersPercent(machine, micros + ours, Stopwatch.GetElapsedTime(start).TotalSeconds),
                Note = "times are to the answer, of {kilobytes} KiB",
                Extra = new Dictionary<string, double> { ["kilobytes"] = bytes / 1024.0 / (tries + 20) },
            };
        }
    }

    /// <summary>Section 6, as src/Mimu.Core/Events/Cursor.cs writes it: opaque to clients, but no client could know one so far back.</summary>
    private static string Cursor(uint epoch, long position)
    {
        Span<byte> bytes = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, epoch);
        BinaryPrimitives.WriteInt64BigEndian(bytes[4..], position);
        return Base64Url.EncodeToString(bytes);
    }
}

using System.Globalization;
using System.Net;
using System.Text.Json;
using Mimu.Bench.Client;
using Mimu.Bench.Load;
using Mimu.Bench.Report;
using Mimu.Bench.Server;

namespace Mimu.Bench.Floors;

/// <summary>How many senders, and how many messages each has in flight.</summary>
internal sealed record Shape(int Senders, int InFlight)
{
    public int Total => Senders * InFlight;

    public override string ToString() => $"{Senders}x{InFlight}";
}

/// <summary>
/// The floors of one round: each is measured once for each shape that a scenario asks for, in a child process of this program, by the
/// same client as the server. All give CPU microseconds for one message, or null with --no-floors.
/// </summary>
internal sealed class FloorBook(Options options, Faults faults)
{
    private readonly Dictionary<string, Result> _measured = [];

    public IEnumerable<Result> Results => _measured.Values;

    /// <summary>(a) A WebSocket frame there and back through bare Kestrel.</summary>
    public Task<double?> EchoAsync(Shape shape) => OnceAsync($"floor (a) echo {shape}", name => MeasureWebAsync(name, shape, isEcho: true));

    /// <summary>(c) A POST to bare Kestrel that answers 201; one connection for each message in flight.</summary>
    public Task<double?> PostAsync(Shape shape) => OnceAsync($"floor (c) post {shape}", name => MeasureWebAsync(name, shape, isEcho: false));

    /// <summary>
    /// (b) The same row in the same table, committed in groups as large as the scenario can have them at most: all that is in flight at once. The server's own
    /// groups are smaller and cost more a row, which is the server's business: a floor is what can't be beaten.
    /// </summary>
    public Task<double?> SqliteAsync(Shape shape) => OnceAsync($"floor (b) sqlite {shape}", name => MeasureSqliteAsync(name, shape));

    /// <summary>(d) The same requests once more, by .NET's HTTP client alone. Not kept: they are those of one run.</summary>
    public async Task<Result?> PushAsync(string name, IReadOnlyList<RecordedPush> pushes, int atOnce)
    {
        if (options.NoFloors)
            return null;
        using var directory = new TemporaryDirectory(options.DataRoot);
        string file = Path.Combine(directory.Path, "pushes.json");
        await File.WriteAllBytesAsync(file, JsonSerializer.SerializeToUtf8Bytes(pushes));
        await using ChildProcess floor = StartSelf("floor", "push", file, atOnce.ToString(CultureInfo.InvariantCulture));
        await floor.AwaitExitAsync(TimeSpan.FromMinutes(3));
        double[] line = [.. floor.Log.Split('\n')[^1].Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        (double sent, double seconds, double micros, double refused) = (line[0], line[1], line[2], line[3]);
        if (refused > 0)
            faults.Add($"{name}: {refused} of {sent} requests were refused when they came again");
        return new Result(name) { IsFloor = true, SendsPerSecond = sent / seconds, CpuMicros = micros / sent, Note = "the same requests sent again" };
    }

    private async Task<double?> OnceAsync(string name, Func<string, Task<Result>> measure)
    {
        if (options.NoFloors)
            return null;
        if (!_measured.TryGetValue(name, out Result? result))
        {
            Progress.Tell($"  {name}");
            _measured[name] = result = await measure(name) with { IsFloor = true };
        }

        return result.CpuMicros;
    }

    private async Task<Result> MeasureWebAsync(string name, Shape shape, bool isEcho)
    {
        IPEndPoint address = ChildProcess.FreeAddress();
        await using ChildProcess floor = StartSelf("floor", "web", address.Port.ToString(CultureInfo.InvariantCulture));
        await floor.AwaitHealthAsync(address);

        var payload = new Payload(options.PayloadBytes);
        using var exchange = new Exchange(payload, faults);
        // Everything has the size that it has in the scenarios, the token too.
        string chat = Guid.NewGuid().ToString();
        string token = new('t', 400);
        for (int i = 0; i < shape.Senders; i++)
        {
            MessageTemplate template = isEcho
                ? MessageTemplate.ForSocket(chat, payload, options.ClientMessageIds)
                : MessageTemplate.ForHttp(address.ToString(), token, chat, payload, options.ClientMessageIds);
            Sender sender = exchange.AddSender(shape.InFlight, !isEcho, isEcho ? [i] : [], template);
            sender.Connections = isEcho
                ? [WebSocketConnection.Connect(exchange.Poller, address, exchange, new WebSocketIdentity($"echo {i}", i, token))]
                : [.. Enumerable.Range(0, shape.InFlight).Select(slot => HttpConnection.Connect(exchange.Poller, address, exchange, i, slot))];
        }

        long before = floor.Meter.ResidentBytes();
        exchange.Run(options.WarmUp, options.Measured, floor.Meter);
        exchange.CheckDeliveries();
        Result result = Result.Of(name, exchange.Window).WithResident(before, floor.Meter.ResidentBytes());
        exchange.Dispose();
        if (await floor.StopAsync() is { } fault)
            faults.Add(fault);
        return result;
    }

    private async Task<Result> MeasureSqliteAsync(string name, Shape shape)
    {
        using var directory = new TemporaryDirectory(options.DataRoot);
        string[] arguments = ["floor", "sqlite", Path.Combine(directory.Path, "floor.db"),
            .. new[] { shape.Senders, shape.Total, options.PayloadBytes, options.WarmUp.TotalSeconds, options.Seconds }.Select(number => number.ToString(CultureInfo.InvariantCulture))];
        await using ChildProcess floor = StartSelf(arguments);
        await floor.AwaitExitAsync(options.WarmUp + options.Measured + TimeSpan.FromSeconds(30));
        double[] line = [.. floor.Log.Split('\n')[^1].Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        (double rows, double commits, double seconds, double micros, double others) = (line[0], line[1], line[2], line[3], line[4]);
        return new Result(name)
        {
            SendsPerSecond = rows / seconds,
            CpuMicros = micros / rows,
            OthersPercent = others,
            Note = "rows, one synced commit a group",
            Extra = new Dictionary<string, double> { ["commits_per_second"] = commits / seconds },
        };
    }

    /// <summary>This program again. Under `dotnet Mimu.Bench.dll` the process is dotnet, and the program is its first argument.</summary>
    private static ChildProcess StartSelf(params string[] arguments)
    {
        string self = Environment.ProcessPath!;
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
            arguments = [typeof(FloorBook).Assembly.Location, .. arguments];
        return ChildProcess.Start("the floor", self, arguments);
    }
}

using System.Diagnostics;
using Mimu.Bench.Measure;

namespace Mimu.Bench.Load;

/// <summary>What happened while the clock ran: counts, times, and the CPU that the server and this client used.</summary>
internal sealed class Window
{
    private long _start;
    private long _serverCpu;
    private long _clientCpu;
    private double _machineCpu;

    public Histogram ToDelivery { get; } = new();

    public Histogram ToAck { get; } = new();

    public long Acks { get; set; }

    public long Deliveries { get; set; }

    public double Seconds { get; private set; }

    public double ServerCpuMicros { get; private set; }

    public double ClientCpuMicros { get; private set; }

    /// <summary>What other work had of all cores, in percent.</summary>
    public double OthersPercent { get; private set; }

    public void Begin(ProcessMeter server)
    {
        ToDelivery.Clear();
        ToAck.Clear();
        Acks = Deliveries = 0;
        _machineCpu = MachineMeter.BusyNanoseconds();
        _serverCpu = server.CpuNanoseconds();
        _clientCpu = ProcessMeter.Self.CpuNanoseconds();
        _start = Stopwatch.GetTimestamp();
    }

    public void End(ProcessMeter server)
    {
        Seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
        ServerCpuMicros = (server.CpuNanoseconds() - _serverCpu) / 1e3;
        ClientCpuMicros = (ProcessMeter.Self.CpuNanoseconds() - _clientCpu) / 1e3;
        OthersPercent = MachineMeter.OthersPercent(_machineCpu, ServerCpuMicros + ClientCpuMicros, Seconds);
    }
}

using Mimu.Core.Calls;

namespace Mimu.Appliance.Calls;

/// <summary>Ends the calls that have rung for long enough, and forgets those that are over (protocol 9.3).</summary>
internal sealed class CallWorker(CallTable calls, TimeProvider clock) : PeriodicWorker(TimeSpan.FromSeconds(1), clock)
{
    public override Task RunOnceAsync(CancellationToken cancellation)
    {
        calls.Sweep();
        return Task.CompletedTask;
    }
}

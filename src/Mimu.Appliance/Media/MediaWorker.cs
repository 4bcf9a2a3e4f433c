using Mimu.Core.Media;

namespace Mimu.Appliance.Media;

/// <summary>Has the bytes of removed files go within a minute, and the table and the store agree once an hour (protocol 8.5).</summary>
internal sealed partial class MediaWorker(EraseFiles erase, SettleFiles settle, MediaKeyChange keys, TimeProvider clock, ILogger<MediaWorker> log)
    : PeriodicWorker(TimeSpan.FromSeconds(30), clock)
{
    private static readonly TimeSpan _settling = TimeSpan.FromHours(1);

    private DateTimeOffset? _settledAt;

    public override async Task RunOnceAsync(CancellationToken cancellation)
    {
        // Each by itself: what stops one must not stop the others, and a failure is not tried again at once.
        await GuardedAsync(async () =>
        {
            if (_settledAt is not { } last || (Clock.GetUtcNow() - last).Duration() >= _settling)
            {
                try
                {
                    Tell(await settle.RunAsync(cancellation));
                }
                finally
                {
                    _settledAt = Clock.GetUtcNow();
                }
            }
        }, cancellation);
        await GuardedAsync(async () =>
        {
            if (await erase.RunAsync(cancellation) is > 0 and var erased)
            {
                LogErased(erased);
            }
        }, cancellation);
        await GuardedAsync(() =>
        {
            keys.DropUseless();
            return Task.CompletedTask;
        }, cancellation);
    }

    private async Task GuardedAsync(Func<Task> work, CancellationToken cancellation)
    {
        try
        {
            await work();
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            LogFailure(e);
        }
    }

    private void Tell(SettledFiles settled)
    {
        if (settled.IsRefused)
        {
            LogRefused(settled.Lost, settled.Stray);
        }
        else if (settled is not { Finished: 0, Forgotten: 0, Lost: 0, Stray: 0 })
        {
            LogSettled(settled.Finished, settled.Forgotten, settled.Lost, settled.Stray);
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Count} removed files were erased")]
    private partial void LogErased(int count);

    [LoggerMessage(Level = LogLevel.Information, Message = "Uploads were settled: {Finished} found finished, {Forgotten} forgotten; the bytes of {Lost} files are not to be found (`mimu admin media verify` tells which, `gc` forgets them), and bytes of {Stray} were nobody's")]
    private partial void LogSettled(int finished, int forgotten, int lost, int stray);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "{Lost} files have no bytes in the store and {Stray} in the store are no files: is it the right directory, mounted, and of the same backup as the database? Nothing was touched")]
    private partial void LogRefused(int lost, int stray);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Files could not be cleaned up; another round follows")]
    private partial void LogFailure(Exception exception);
}

using Mimu.Core.Media;

namespace Mimu.Appliance.Media;

/// <summary>Has the bytes of removed files go within a minute, and the table and the store agree once an hour (protocol 8.5).</summary>
internal sealed partial class MediaWorker(EraseFiles erase, SettleFiles settle, MediaKeyChange keys, TimeProvider clock, ILogger<MediaWorker> log) : BackgroundService
{
    private static readonly TimeSpan _period = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _settling = TimeSpan.FromHours(1);

    private DateTimeOffset? _settledAt;

    /// <summary>One round. The first comes some time after the start, which has enough to do.</summary>
    public async Task RunOnceAsync(CancellationToken cancellation)
    {
        try
        {
            if (_settledAt is not { } last || (clock.GetUtcNow() - last).Duration() >= _settling)
            {
                var settled = await settle.RunAsync(cancellation);
                Tell(settled);
                _settledAt = clock.GetUtcNow();
            }
            if (await erase.RunAsync(cancellation) is > 0 and var erased)
            {
                LogErased(erased);
            }
            keys.DropUseless();
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
        {
            LogFailure(e);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_period, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await RunOnceAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
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

    [LoggerMessage(Level = LogLevel.Information, Message = "Uploads were settled: {Finished} found finished, {Forgotten} forgotten; {Lost} files had lost their bytes, and bytes of {Stray} were nobody's")]
    private partial void LogSettled(int finished, int forgotten, int lost, int stray);

    [LoggerMessage(Level = LogLevel.Error,
        Message = "{Lost} files have no bytes in the store and {Stray} in the store are no files: is it the right directory, mounted, and of the same backup as the database? Nothing was touched")]
    private partial void LogRefused(int lost, int stray);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Files could not be cleaned up; another round follows")]
    private partial void LogFailure(Exception exception);
}

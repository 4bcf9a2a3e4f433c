using Mimu.Core.Media;

namespace Mimu.Appliance.Media.S3;

/// <summary>
/// Looks whether the outside store can be used: at the start, then now and then, sooner when it can't. The server runs without it, since messages need no files; but it says so, once, and
/// once when it is over, and <c>/readyz</c> says it until then.
/// </summary>
internal sealed partial class StoreWatch(IBlobStore blobs, TimeProvider clock, ILogger<StoreWatch> log) : BackgroundService
{
    /// <summary>Rarely, as who runs the store may count requests.</summary>
    private static readonly TimeSpan _whenWell = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan _whenNot = TimeSpan.FromSeconds(10);

    private readonly S3BlobStore? _outside = blobs as S3BlobStore;
    private volatile string? _fault = "";

    /// <summary>Whether the store can be used: an outside one, when it was last looked at, since whoever asks often must not make it be asked often; the built-in one, now.</summary>
    public async ValueTask<bool> IsWellAsync(CancellationToken cancellation)
    {
        try
        {
            // No store has it, and one that is there says so.
            return _outside is null ? await blobs.FindSizeAsync(FileKey.New(), cancellation) is null : _fault is null;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>One look.</summary>
    public async Task RunOnceAsync(CancellationToken cancellation)
    {
        string? fault = null;
        try
        {
            await (_outside?.CheckAsync(cancellation) ?? default);
        }
        catch (IOException e)
        {
            fault = e.Message;
        }
        if (fault is not null && fault != _fault)
        {
            LogFault(fault);
        }
        else if (fault is null && _fault is { Length: > 0 })
        {
            LogWell();
        }
        _fault = fault;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (_outside is not null)
            {
                await RunOnceAsync(stoppingToken);
                await Task.Delay(_fault is null ? _whenWell : _whenNot, clock, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server stops.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Files can't be used: {Fault}")]
    private partial void LogFault(string fault);

    [LoggerMessage(Level = LogLevel.Information, Message = "Files can be used again")]
    private partial void LogWell();
}

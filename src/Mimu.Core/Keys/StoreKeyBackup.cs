using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Core.Keys;

/// <summary>A backup to be stored (protocol 3.7).</summary>
/// <param name="Data">Opaque, at least one byte.</param>
/// <param name="Etag">The version that it is to replace; null for whichever there is.</param>
public sealed record StoreKeyBackupCommand(byte[] Data, string? Etag);

/// <summary>Stores the caller's key backup. With an etag, of two devices that replace one version one is told that the other was faster.</summary>
public sealed class StoreKeyBackup(IDatabase database, TimeProvider clock)
{
    /// <returns>The backup with its new etag; <c>backup_conflict</c>.</returns>
    public ValueTask<Result<KeyBackup>> RunAsync(Caller caller, StoreKeyBackupCommand command, CancellationToken cancellation)
    {
        // As good as a secret is at never coming twice, so that no version is taken for another.
        var backup = new KeyBackup(command.Data, Secret.New(), clock.Now());
        return database.WriteAsync<KeyBackup>(async tx =>
            await tx.Sessions.FindAsync(caller.SessionId) is null ? Errors.SessionEnded
            : await tx.KeyBackups.ReplaceAsync(caller.UserId, backup, command.Etag) ? backup
            : Errors.BackupConflict, cancellation);
    }
}

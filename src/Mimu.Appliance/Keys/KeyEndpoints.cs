using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Appliance.Users;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Keys;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Keys;

/// <summary>Protocol 3.6 and 3.7: a new identity, and the key backup.</summary>
internal static class KeyEndpoints
{
    /// <summary>Room for 1 MiB in Base64 (protocol 3.7).</summary>
    private const long MaxBackupBody = 3 << 19;

    public static void MapKeys(this IEndpointRouteBuilder routes)
    {
        var self = routes.MapGroup("/users/me");
        var limits = routes.ServiceProvider.GetRequiredService<Limits>();
        self.MapPut("/keys", ReplaceAsync).WithSummary("Begin a new identity after the keys are lost") // 3.6
            .Limited(RateKind.LoginAccount).Takes(fields => KeyBodies.Replace(fields, limits)).Gives(200, () => MimuJson.Default.ProfileBody).Refuses(Errors.PasswordIncorrect, Errors.KeysDiffer);
        self.MapPut("/key-backup", StoreBackupAsync).WithSummary("Store the encrypted key backup") // 3.7
            .WithMetadata(new BodyLimit(MaxBackupBody))
            .Takes(fields => KeyBodies.Backup(fields, limits)).Gives(200, () => MimuJson.Default.KeyBackupVersionBody).Refuses(Errors.BackupConflict);
        self.MapGet("/key-backup", GetBackupAsync).WithSummary("The encrypted key backup")
            .Gives(200, () => MimuJson.Default.KeyBackupBody).Refuses(Errors.NotFound);
        self.MapDelete("/key-backup", RemoveBackupAsync).WithSummary("Remove the encrypted key backup").Gives(204);
    }

    private static Task<IResult> ReplaceAsync(HttpContext http, ReplaceIdentity replace, Limits limits) =>
        http.HandleAsync(fields => KeyBodies.Replace(fields, limits), (command, cancellation) => replace.RunAsync(http.Caller(), command, cancellation),
            account => Answers.Ok(ProfileBody.From(account), MimuJson.Default.ProfileBody));

    private static Task<IResult> StoreBackupAsync(HttpContext http, StoreKeyBackup store, Limits limits) =>
        http.HandleAsync(fields => KeyBodies.Backup(fields, limits), (command, cancellation) => store.RunAsync(http.Caller(), command, cancellation),
            backup => Answers.Ok(KeyBackupVersionBody.From(backup), MimuJson.Default.KeyBackupVersionBody));

    private static async Task<IResult> GetBackupAsync(HttpContext http, IDatabase database) =>
        await database.ReadAsync(tx => tx.KeyBackups.FindAsync(http.Caller().UserId), http.RequestAborted) is { } backup
            ? Answers.Ok(KeyBackupBody.From(backup), MimuJson.Default.KeyBackupBody)
            : Problems.Of(Errors.NotFound);

    private static async Task<IResult> RemoveBackupAsync(HttpContext http, IDatabase database) =>
        (await database.WriteAsync<bool>(async tx => await tx.KeyBackups.RemoveAsync(http.Caller().UserId), http.RequestAborted)).Then(_ => Answers.NoContent);
}

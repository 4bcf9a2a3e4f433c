using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Storage;
using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Users;

/// <summary>Protocol 3.5: one's own account.</summary>
internal static partial class SelfEndpoints
{
    public static void MapSelf(this IEndpointRouteBuilder routes)
    {
        var self = routes.MapGroup("/users/me");
        self.MapGet("", GetAsync).WithSummary("One's own account") // 3.5
            .Gives(200, () => MimuJson.Default.SelfBody);
        self.MapPatch("", ChangeAsync).WithSummary("Change one's own profile")
            .Takes(SelfBodies.Change).Gives(200, () => MimuJson.Default.SelfBody);
        self.MapDelete("", DeleteAsync).WithSummary("Delete one's own account with all that is in it")
            .Limited(RateKind.LoginAccount).Takes(SelfBodies.Delete).Gives(204).Refuses(Errors.PasswordIncorrect);
    }

    private static async Task<IResult> GetAsync(HttpContext http, SelfBodies bodies, IDatabase database, Subscribers subscribers)
    {
        var caller = http.Caller();
        var (account, stock) = await database.ReadAsync(
            async tx => (await tx.Accounts.FindAsync(caller.UserId), await CountAsync(tx, caller, subscribers)), http.RequestAborted);
        return account is { State: AccountState.Active } ? Answers.Ok(bodies.Of(account, stock), MimuJson.Default.SelfBody) : Problems.Of(Errors.SessionEnded);
    }

    private static async Task<IResult> ChangeAsync(HttpContext http, SelfBodies bodies, ChangeProfile change, IDatabase database, Subscribers subscribers)
    {
        var caller = http.Caller();
        var stock = await database.ReadAsync(tx => CountAsync(tx, caller, subscribers), http.RequestAborted);
        return await http.HandleAsync(SelfBodies.Change, (command, cancellation) => change.RunAsync(caller, command, cancellation),
            account => Answers.Ok(bodies.Of(account, stock), MimuJson.Default.SelfBody));
    }

    private static async ValueTask<SelfStock> CountAsync(ITransaction tx, Caller caller, Subscribers subscribers) =>
        new(await tx.Keys.CountAsync(caller.UserId, caller.DeviceId), await tx.Files.SumFinishedAsync(caller.UserId), await subscribers.StatusOfAsync(tx, caller.UserId));

    private static Task<IResult> DeleteAsync(HttpContext http, DeleteAccount delete, ILogger<DeleteAccount> log) =>
        http.HandleAsync(SelfBodies.Delete, (password, cancellation) => delete.RunAsync(http.Caller(), password, cancellation), deleted =>
        {
            LogDeleted(log, deleted.Devices, deleted.Prekeys, deleted.Sessions, deleted.Chats, deleted.Files);
            return Answers.NoContent;
        });

    [LoggerMessage(Level = LogLevel.Information, Message = "An account was deleted, with {Devices} devices, {Prekeys} one-time prekeys, {Sessions} sessions, {Chats} memberships and {Files} files")]
    private static partial void LogDeleted(ILogger log, int devices, int prekeys, int sessions, int chats, int files);
}

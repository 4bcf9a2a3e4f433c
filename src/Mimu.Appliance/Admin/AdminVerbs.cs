using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mimu.Appliance.Auth;
using Mimu.Appliance.Http;
using Mimu.Appliance.Media;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Invites;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Admin;

/// <summary>Reads what is asked for, and gives the work that answers with JSON.</summary>
internal delegate Func<CancellationToken, ValueTask<Result<byte[]>>> AdminVerb(Fields fields);

/// <summary>
/// All that an administrator can ask for, by path: the same whether a running server is asked over its socket or there is none, and the command line does
/// the work itself. Each takes a JSON object and answers with one.
/// </summary>
internal sealed class AdminVerbs
{
    private readonly Dictionary<string, AdminVerb> _verbs;

    public AdminVerbs(IDatabase database, TokenKeys tokenKeys, MediaKeyChange mediaKeys, MediaVerbs media, PushVerbs push, SubscriptionVerbs subscriptions, TimeProvider clock)
    {
        _verbs = new Dictionary<string, AdminVerb>(media.All.Concat(push.All).Concat(subscriptions.All))
        {
            ["/invite/create"] = Verb(AdminBodies.CreateInvite, new CreateInvite(database, clock).RunAsync, NewInviteBody.From, MimuJson.Default.NewInviteBody),
            ["/invite/list"] = Verb(_ => default(Done), (_, cancellation) => ListAsync(database, clock, cancellation), body => body, MimuJson.Default.InvitesBody),
            ["/invite/revoke"] = Verb(AdminBodies.NamedInvite, new RevokeInvite(database).RunAsync, _ => new DoneBody(), MimuJson.Default.DoneBody),
            ["/user/disable"] = Verb(AdminBodies.PublicIdOf, new DisableAccount(database).RunAsync, AccountStateBody.From, MimuJson.Default.AccountStateBody),
            ["/user/enable"] = Verb(AdminBodies.PublicIdOf, new EnableAccount(database).RunAsync, AccountStateBody.From, MimuJson.Default.AccountStateBody),
            ["/token-key/rotate"] = Verb(_ => default(Done), (_, _) => Rotate(tokenKeys), key => new TokenKeyBody(key.Id), MimuJson.Default.TokenKeyBody),
            ["/media-key/rotate"] = Verb(_ => default(Done), (_, _) => Rotate(mediaKeys), key => new TokenKeyBody(key.Id), MimuJson.Default.TokenKeyBody),
        };
    }

    /// <summary>The verb at this path; null if there is none.</summary>
    public AdminVerb? Find(string path) => _verbs.GetValueOrDefault(path);

    /// <summary>A verb of its parts.</summary>
    public static AdminVerb Verb<TCommand, TValue, TBody>(
        Func<Fields, TCommand> parse, Func<TCommand, CancellationToken, ValueTask<Result<TValue>>> run, Func<TValue, TBody> bodyOf, JsonTypeInfo<TBody> type) =>
        fields =>
        {
            var command = parse(fields);
            return async cancellation => (await run(command, cancellation)).Succeeded(out var value, out var refusal)
                ? Wire.Bytes((Body: bodyOf(value), Type: type), static (writer, it) => JsonSerializer.Serialize(writer, it.Body, it.Type))
                : refusal;
        };

    private static async ValueTask<Result<InvitesBody>> ListAsync(IDatabase database, TimeProvider clock, CancellationToken cancellation)
    {
        return InvitesBody.From(await database.ReadAsync(tx => tx.Invites.ListAsync(clock.Now()), cancellation));
    }

    private static ValueTask<Result<Core.Sessions.TokenKey>> Rotate(KeyChange keys)
    {
        try
        {
            return new(keys.Rotate());
        }
        catch (StorageRefusedException e)
        {
            return new(Errors.Unavailable.Because(e.Message));
        }
    }
}

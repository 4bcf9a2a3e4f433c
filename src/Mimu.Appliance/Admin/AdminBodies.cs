using Mimu.Appliance.Http;
using Mimu.Core.Accounts;
using Mimu.Core.Invites;

namespace Mimu.Appliance.Admin;

/// <summary>What administrators ask for.</summary>
internal static class AdminBodies
{
    private const int MaxText = 1024;

    public static CreateInviteCommand CreateInvite(Fields fields) => new(
        (int)fields.Integer("uses", 1, CreateInviteCommand.MaxUses),
        TimeSpan.FromSeconds(fields.Integer("expires_in", 1, (long)CreateInviteCommand.MaxLifetime.TotalSeconds)),
        fields.OptionalText("public_id", 0, MaxText) is null ? null : PublicIdOf(fields));

    public static string NamedInvite(Fields fields) => fields.Text("invite", 1, MaxText);

    public static PublicId PublicIdOf(Fields fields)
    {
        PublicId publicId = default;
        fields.Formed("public_id", PublicId.Form, text => PublicId.TryParse(text, out publicId));
        return publicId;
    }
}

/// <summary>An invitation that was just made (protocol section 15).</summary>
internal sealed record NewInviteBody(string Code, int Uses, string ExpiresAt)
{
    public static NewInviteBody From(NewInvite made) => new(made.Code, made.Invite.UsesLeft, Wire.Time(made.Invite.ExpiresAt));
}

/// <summary>The invitations that can still be used.</summary>
internal sealed record InvitesBody(IReadOnlyList<InviteBody> Invites)
{
    public static InvitesBody From(IReadOnlyList<Invite> invites) => new(invites.Select(InviteBody.From).ToList());
}

/// <summary>One of them. Its code is not known any more.</summary>
internal sealed record InviteBody(long Id, int UsesLeft, string? PublicId, string CreatedAt, string ExpiresAt)
{
    public static InviteBody From(Invite invite) =>
        new(invite.Id, invite.UsesLeft, invite.PublicId?.Value, Wire.Time(invite.CreatedAt), Wire.Time(invite.ExpiresAt));
}

/// <summary>Whether an account may sign in.</summary>
internal sealed record AccountStateBody(string PublicId, string State)
{
    public static AccountStateBody From(Account account) =>
        new(account.PublicId.Value, account.State is AccountState.Active ? "active" : "disabled");
}

/// <summary>The key that signs from now on.</summary>
internal sealed record TokenKeyBody(string KeyId);

/// <summary>Nothing to tell but that it was done.</summary>
internal sealed record DoneBody;

using Mimu.Appliance.Http;
using Mimu.Appliance.Keys;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Devices;
using Mimu.Core.Keys;
using Mimu.Core.Sessions;

namespace Mimu.Appliance.Auth;

/// <summary>The bodies of protocol section 2.</summary>
internal sealed class AuthBodies(PasswordSettings passwords, Limits limits)
{
    private const int MaxName = 64;

    /// <summary>No password or token is longer; what is, can't be right and is not looked at.</summary>
    private const int MaxSecret = 1024;

    public RegisterCommand Register(Fields fields)
    {
        PublicId publicId = default;
        fields.Formed("public_id", PublicId.Form, text => PublicId.TryParse(text, out publicId));
        var password = fields.Text("password", passwords.MinLength, PasswordSettings.MaxLength);
        var (identityKey, signingKey, prekeys) = KeyBodies.Identity(fields, limits);
        return new RegisterCommand(publicId, password, fields.OptionalName("display_name", MaxName), identityKey, signingKey, prekeys,
            fields.OptionalName("device_name", MaxName), PrekeyBodies.SignalRegistrationId(fields), fields.OptionalText("invite_code", 0, MaxSecret));
    }

    public static LoginCommand Login(Fields fields) => new(
        fields.Text("public_id", 0, MaxSecret),
        fields.Text("password", 0, MaxSecret),
        (int)(fields.OptionalInteger("device_id", 1, 127) ?? Device.First),
        fields.OptionalName("device_name", MaxName));

    public static string Refresh(Fields fields) => fields.Text("refresh_token", 0, MaxSecret);

    public ChangePasswordCommand ChangePassword(Fields fields) => new(
        fields.Text("current_password", 0, MaxSecret),
        fields.Text("new_password", passwords.MinLength, PasswordSettings.MaxLength));

    public ResetPasswordCommand ResetPassword(Fields fields) => new(
        fields.Text("public_id", 0, MaxSecret),
        fields.Text("new_password", passwords.MinLength, PasswordSettings.MaxLength),
        fields.Integer("timestamp", -MaxInteger, MaxInteger),
        fields.Bytes("signature", KeySizes.Signature));

    /// <summary>What JSON's numbers can tell exactly (RFC 8259 section 6); whether it is near the present is no matter of form.</summary>
    private const long MaxInteger = (1L << 53) - 1;
}

/// <summary>Where an account is signed in (protocol 2.4).</summary>
internal sealed record SessionsBody(IReadOnlyList<SessionBody> Sessions);

/// <summary>One of them.</summary>
internal sealed record SessionBody(Guid SessionId, int DeviceId, string? DeviceName, string CreatedAt, string LastSeenAt, bool Current)
{
    public static SessionBody From(Session session, IReadOnlyList<Device> devices, Caller caller) => new(
        session.Id.Value, session.DeviceId, devices.FirstOrDefault(device => device.DeviceId == session.DeviceId)?.Name,
        Wire.Time(session.CreatedAt), Wire.Time(session.LastSeenAt), session.Id == caller.SessionId);
}

/// <summary>A ticket for a WebSocket (protocol 2.4).</summary>
internal sealed record WsTicketBody(string Ticket, long ExpiresIn);

/// <summary>Tokens as the client gets them (protocol 2.1).</summary>
internal sealed record TokenBody(
    Guid UserId, string PublicId, string Fingerprint, int DeviceId, Guid SessionId, string AccessToken, string TokenType, long ExpiresIn, string RefreshToken)
{
    public static TokenBody From(TokenGrant grant) => new(
        grant.Account.Id.Value, grant.Account.PublicId.Value, grant.Account.Fingerprint, grant.Session.DeviceId, grant.Session.Id.Value,
        grant.AccessToken, "Bearer", (long)grant.ExpiresIn.TotalSeconds, grant.RefreshToken);
}

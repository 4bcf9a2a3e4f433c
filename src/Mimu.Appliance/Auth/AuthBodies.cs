using Mimu.Appliance.Http;
using Mimu.Appliance.Keys;
using Mimu.Core;
using Mimu.Core.Accounts;
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
            fields.OptionalName("device_name", MaxName), PrekeyBodies.SignalRegistrationId(fields));
    }

    public static LoginCommand Login(Fields fields) => new(
        fields.Text("public_id", 0, MaxSecret),
        fields.Text("password", 0, MaxSecret),
        (int)(fields.OptionalInteger("device_id", 1, 127) ?? Core.Devices.Device.First),
        fields.OptionalName("device_name", MaxName));

    public static string Refresh(Fields fields) => fields.Text("refresh_token", 0, MaxSecret);
}

/// <summary>Tokens as the client gets them (protocol 2.1).</summary>
internal sealed record TokenBody(
    Guid UserId, string PublicId, string Fingerprint, int DeviceId, Guid SessionId, string AccessToken, string TokenType, long ExpiresIn, string RefreshToken)
{
    public static TokenBody From(TokenGrant grant) => new(
        grant.Account.Id.Value, grant.Account.PublicId.Value, grant.Account.Fingerprint, grant.Session.DeviceId, grant.Session.Id.Value,
        grant.AccessToken, "Bearer", (long)grant.ExpiresIn.TotalSeconds, grant.RefreshToken);
}

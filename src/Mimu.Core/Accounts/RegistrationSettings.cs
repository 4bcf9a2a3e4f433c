namespace Mimu.Core.Accounts;

/// <summary>Who may register: <c>registration.mode</c>.</summary>
public enum RegistrationMode
{
    /// <summary>Everyone.</summary>
    Open,

    /// <summary>Whoever has an invitation code.</summary>
    Invite,

    /// <summary>Nobody.</summary>
    Closed,
}

/// <summary>The settings under <c>[registration]</c>.</summary>
public sealed record RegistrationSettings(RegistrationMode Mode);

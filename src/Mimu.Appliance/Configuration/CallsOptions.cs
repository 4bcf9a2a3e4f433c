namespace Mimu.Appliance.Configuration;

/// <summary><c>[calls]</c> (protocol section 9).</summary>
internal sealed class CallsOptions
{
    /// <summary>URIs of STUN and TURN servers (RFC 7064, RFC 7065) as clients get them. None: calls are not configured.</summary>
    public string[] TurnUris = [];

    /// <summary>The secret shared with the TURN server (coturn's <c>static-auth-secret</c>), or several, each on a line of its own: the first one signs. "": calls are not configured.</summary>
    public string TurnSecret = "";

    /// <summary>The file that <see cref="TurnSecret"/> was read from. "": none.</summary>
    public string TurnSecretFile = "";

    /// <summary>How long TURN credentials are good for.</summary>
    public TimeSpan CredentialLifetime = TimeSpan.FromHours(1);

    /// <summary>How long a call rings.</summary>
    public TimeSpan RingTimeout = TimeSpan.FromSeconds(60);
}

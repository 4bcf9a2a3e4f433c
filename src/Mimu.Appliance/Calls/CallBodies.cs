using System.Text.Json.Serialization;
using Mimu.Core.Calls;

namespace Mimu.Appliance.Calls;

/// <summary>Protocol 9.1: the credentials by themselves, and as a browser's <c>RTCConfiguration</c> takes them.</summary>
internal sealed record TurnCredentialsBody(string Username, string Password, long Ttl, IReadOnlyList<string> Uris, IReadOnlyList<IceServerBody> IceServers)
{
    public static TurnCredentialsBody From(IssuedTurnCredentials issued)
    {
        var (username, password) = issued.Credentials;
        var (turn, stun) = (issued.Uris.Where(IsTurn).ToList(), issued.Uris.Where(uri => !IsTurn(uri)).ToList());
        List<IceServerBody> servers = [];
        if (stun.Count > 0)
        {
            servers.Add(new IceServerBody(stun, null, null));
        }
        if (turn.Count > 0)
        {
            servers.Add(new IceServerBody(turn, username, password));
        }
        return new(username, password, (long)issued.Lifetime.TotalSeconds, issued.Uris, servers);
    }

    private static bool IsTurn(string uri) => uri.StartsWith("turn", StringComparison.Ordinal);
}

/// <summary>An <c>RTCIceServer</c> (W3C WebRTC section 4.2.4). STUN servers ask for no credentials, and some browsers refuse them there.</summary>
internal sealed record IceServerBody(
    IReadOnlyList<string> Urls,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Username,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Credential);

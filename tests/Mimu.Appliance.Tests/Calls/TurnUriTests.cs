using Mimu.Appliance.Calls.Turn;
using Mimu.Appliance.Configuration;

namespace Mimu.Appliance.Tests.Calls;

/// <summary>RFC 7064 and RFC 7065: what a URI of a STUN or TURN server leaves unsaid.</summary>
public class TurnUriTests
{
    [Theory]
    [InlineData("turn:turn.example.org", true, false, true, "turn.example.org", 3478)]
    [InlineData("turn:turn.example.org?transport=tcp", true, false, false, "turn.example.org", 3478)]
    [InlineData("turn:192.0.2.1:5000?transport=udp", true, false, true, "192.0.2.1", 5000)]
    [InlineData("turns:turn.example.org", true, true, false, "turn.example.org", 5349)]
    [InlineData("turns:turn.example.org:443?transport=tcp", true, true, false, "turn.example.org", 443)]
    [InlineData("turns:turn.example.org?transport=udp", true, true, true, "turn.example.org", 5349)]
    [InlineData("turn:[2001:db8::1]", true, false, true, "2001:db8::1", 3478)]
    [InlineData("turn:[2001:db8::1]:5000?transport=tcp", true, false, false, "2001:db8::1", 5000)]
    [InlineData("stun:stun.example.org", false, false, true, "stun.example.org", 3478)]
    [InlineData("stuns:stun.example.org", false, true, false, "stun.example.org", 5349)]
    public void A_uri_tells_where_and_how(string text, bool isTurn, bool isSecure, bool isUdp, string host, int port)
    {
        Assert.Null(Checks.TurnUri(text));
        Assert.Equal(new TurnUri(text, isTurn, isSecure, isUdp, host, port), TurnUri.Parse(text));
    }
}

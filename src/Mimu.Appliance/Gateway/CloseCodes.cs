using System.Net.WebSockets;

namespace Mimu.Appliance.Gateway;

/// <summary>Why a socket was closed (protocol section 7; RFC 6455 section 7.4).</summary>
internal static class CloseCodes
{
    public const WebSocketCloseStatus GoingAway = WebSocketCloseStatus.EndpointUnavailable; // 1001
    public const WebSocketCloseStatus ProtocolError = WebSocketCloseStatus.ProtocolError; // 1002
    public const WebSocketCloseStatus BinaryFrame = WebSocketCloseStatus.InvalidMessageType; // 1003
    public const WebSocketCloseStatus TooManyBadFrames = WebSocketCloseStatus.PolicyViolation; // 1008
    public const WebSocketCloseStatus FrameTooLarge = WebSocketCloseStatus.MessageTooBig; // 1009
    public const WebSocketCloseStatus Restarting = (WebSocketCloseStatus)1012;
    public const WebSocketCloseStatus SessionOver = (WebSocketCloseStatus)4401;
    public const WebSocketCloseStatus AccountDisabled = (WebSocketCloseStatus)4403;
    public const WebSocketCloseStatus TooSlow = (WebSocketCloseStatus)4408;
    public const WebSocketCloseStatus TooManySockets = (WebSocketCloseStatus)4409;
    public const WebSocketCloseStatus TooManyFrames = (WebSocketCloseStatus)4429;
}

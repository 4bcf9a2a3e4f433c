using System.Text;
using Mimu.Bench.Client;

namespace Mimu.Bench.Load;

/// <summary>
/// A whole message as it goes over the wire, built once a sender. Sending is a copy and the patching of a few digits of fixed width: no
/// JSON, no Base64, no masking and no allocation while the clock runs.
/// </summary>
internal sealed class MessageTemplate
{
    private const string FrameId = "000000000000"; // slot (4 digits), sequence (8)
    private const string UuidTail = "000000000000";

    private readonly byte[] _bytes;
    private readonly int _stamp;
    private readonly int _frameId;
    private readonly int _uuidTail;

    private MessageTemplate(byte[] bytes)
    {
        _bytes = bytes;
        _stamp = After("\"encrypted_payload\":\"");
        _frameId = After("\"id\":\"");
        int clientId = After("\"client_message_id\":\"");
        _uuidTail = clientId < 0 ? -1 : clientId + 24;
    }

    /// <summary>The frame of section 7: SendMessage with the members of 5.1.</summary>
    public static MessageTemplate ForSocket(string chatId, Payload payload, bool withClientId)
        => new(WebSocketConnection.Frame(Encoding.ASCII.GetBytes($$"""{"type":"SendMessage","id":"{{FrameId}}",{{Members(chatId, payload, withClientId)}}}""")));

    /// <summary>The same message as the request of section 5.1.</summary>
    public static MessageTemplate ForHttp(string host, string token, string chatId, Payload payload, bool withClientId)
    {
        string body = $$"""{{{Members(chatId, payload, withClientId)}}}""";
        return new MessageTemplate(Encoding.ASCII.GetBytes(
            $"POST /api/v1/messages HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n" +
            $"Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
    }

    public void SendTo(Connection connection, Stamp stamp)
    {
        stamp.Write(_bytes.AsSpan(_stamp, Stamp.Characters));
        ulong number = ((ulong)stamp.Slot << 32) | stamp.Sequence;
        if (_frameId >= 0)
            Hex.Write(_bytes.AsSpan(_frameId, FrameId.Length), number);
        if (_uuidTail >= 0)
            Hex.Write(_bytes.AsSpan(_uuidTail, UuidTail.Length), number);
        connection.Append(_bytes);
    }

    /// <summary>The slot and the sequence number in the id of an Ack.</summary>
    public static bool TryReadId(ReadOnlySpan<byte> frame, out int slot, out uint sequence)
    {
        ReadOnlySpan<byte> name = "\"id\":\""u8; // "message_id" and the like have no quote before the i
        int at = frame.IndexOf(name);
        ulong number = 0;
        bool found = at >= 0 && frame.Length >= at + name.Length + FrameId.Length && Hex.TryRead(frame.Slice(at + name.Length, FrameId.Length), out number);
        slot = (int)(number >> 32);
        sequence = (uint)number;
        return found;
    }

    private static string Members(string chatId, Payload payload, bool withClientId)
    {
        // Random in front, counting behind: a UUID of one's own for every message, which the server must look up to recognise repeats.
        string client = withClientId ? $",\"client_message_id\":\"{Guid.NewGuid().ToString()[..24]}{UuidTail}\"" : "";
        return $"\"chat_id\":\"{chatId}\",\"encrypted_payload\":\"{payload.Text}\",\"message_type\":\"text\"{client}";
    }

    private int After(string name)
    {
        int at = _bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(name));
        return at < 0 ? -1 : at + name.Length;
    }
}

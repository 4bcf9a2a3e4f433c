using System.Buffers;
using System.IO.Pipelines;
using Mimu.Appliance.Messages;
using Mimu.Core.Events;
using Mimu.Core.Messages;

namespace Mimu.Appliance.Gateway;

/// <summary>
/// A message as it is told or acknowledged. For one socket it is written straight into the connection's buffer; for several, once into bytes that all are sent.
/// </summary>
internal sealed class MessageFrame : ServerFrame
{
    /// <summary>What stands around a message: names, a type, a cursor.</summary>
    private const int FixedLength = 96;

    /// <summary>A character takes no more bytes, be it an escape or UTF-8.</summary>
    private const int MaxEscape = 6;

    private readonly string _word;
    private readonly Cursor? _cursor;
    private readonly Message _message;
    private readonly bool _forSender;
    private int _sockets;
    private byte[]? _bytes;

    private MessageFrame(string word, Cursor? cursor, Message message, bool forSender)
    {
        (_word, _cursor, _message, _forSender) = (word, cursor, message, forSender);
        MaxLength = FixedLength + (MaxEscape * word.Length) + MessageText.MaxLength(message);
    }

    /// <summary>An event of this type, as <paramref name="forSender"/> or others see it.</summary>
    public static MessageFrame Event(string type, Cursor cursor, Message message, bool forSender) => new(type, cursor, message, forSender);

    /// <summary>The answer to who sent it in a frame with this id.</summary>
    public static MessageFrame Ack(string id, Message message) => new(id, cursor: null, message, forSender: true);

    public override int MaxLength { get; }

    /// <summary>One more socket is going to be sent it. Said by the one thread that tells an event.</summary>
    public MessageFrame ForOneMore()
    {
        _sockets++;
        return this;
    }

    public override void WriteTo(PipeWriter output)
    {
        // Several sockets may come at once and each write it down: they write the same.
        if (_sockets > 1)
        {
            output.Write(_bytes ??= Frames.Text(MaxLength, this, static (target, frame) => frame.Write(target)));
        }
        else
        {
            Frames.WriteText(output, MaxLength, this, static (target, frame) => frame.Write(target));
        }
    }

    private int Write(Span<byte> target)
    {
        var text = new MessageText.Utf8Text(target);
        if (_cursor is { } cursor)
        {
            text.Add("{\"type\":\""u8);
            text.AddAscii(_word);
            text.Add("\",\"cursor\":\""u8);
            text.Add(cursor);
        }
        else
        {
            text.Add("{\"type\":\"Ack\",\"id\":\""u8);
            text.AddEscaped(_word);
        }
        text.Add("\",\"data\":"u8);
        text.Add(_message, _forSender);
        text.Add("}"u8);
        return text.Length;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Mimu.Core;
using Mimu.Core.Messages;

namespace Mimu.Appliance.Messages;

/// <summary>
/// Reads what asks to send a message as nearly every client writes it, in one pass and without a document. It takes nothing that <see cref="MessageBodies.Send"/>
/// would not take the same way; whatever else there is (a fault, an escape, a member that is not known or there twice) it leaves to that one, which can say what is wrong.
/// </summary>
internal static class SendJson
{
    /// <summary>The most characters of a frame's id (protocol section 7).</summary>
    public const int MaxId = 64;

    /// <summary>Reads a body; false for one that has to be looked at closely.</summary>
    public static bool TryReadBody(ReadOnlySpan<byte> body, int maxPayload, [NotNullWhen(true)] out SendMessageCommand? command) =>
        TryRead(body, isFrame: false, maxPayload, out _, out command);

    /// <summary>Reads a frame, which has a type and may have an id; false for one that has to be looked at closely.</summary>
    public static bool TryReadFrame(ReadOnlySpan<byte> frame, int maxPayload, out string? id, [NotNullWhen(true)] out SendMessageCommand? command) =>
        TryRead(frame, isFrame: true, maxPayload, out id, out command);

    private static bool TryRead(ReadOnlySpan<byte> json, bool isFrame, int maxPayload, out string? id, [NotNullWhen(true)] out SendMessageCommand? command)
    {
        id = null;
        command = null;
        if (!Ascii.IsValid(json))
        {
            return false;
        }
        try
        {
            var draft = new Draft(isFrame);
            if (!draft.TryRead(new Utf8JsonReader(json), maxPayload))
            {
                return false;
            }
            id = draft.Id;
            command = draft.ToCommand();
            return command is not null;
        }
        catch (JsonException)
        {
            // Said to the client by who looks closely.
            return false;
        }
    }

    /// <summary>The members that were read so far.</summary>
    private ref struct Draft(bool isFrame)
    {
        private ReadOnlySpan<byte> _messageType = default;
        private Guid? _chat = default;
        private byte[]? _payload = default;
        private Guid? _replyTo = default;
        private Guid? _clientMessageId = default;
        private long? _membershipVersion = default;
        private long? _expiresIn = default;
        private bool _isSend = !isFrame;
        private Member _seen = default;

        public string? Id { get; private set; } = null;

        public bool TryRead(Utf8JsonReader reader, int maxPayload)
        {
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject)
            {
                return false;
            }
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var member = MemberOf(reader.ValueSpan);
                if (member is Member.Unknown || _seen.HasFlag(member) || reader.ValueIsEscaped || !reader.Read() || reader.ValueIsEscaped || !TryTake(member, ref reader, maxPayload))
                {
                    return false;
                }
                _seen |= member;
            }
            // Reading on finds what stands behind the object, and throws.
            return reader.TokenType is JsonTokenType.EndObject && !reader.Read();
        }

        public readonly SendMessageCommand? ToCommand() =>
            _isSend && _chat is { } chat && _payload is not null && Encoding.ASCII.GetString(_messageType) is var type && MessageBodies.IsType(type)
                ? new SendMessageCommand(new ChatId(chat), _payload, type, _replyTo is { } replyTo ? new MessageId(replyTo) : null, _clientMessageId,
                    _membershipVersion, (int?)_expiresIn)
                : null;

        private bool TryTake(Member member, ref Utf8JsonReader reader, int maxPayload) => reader.TokenType switch
        {
            JsonTokenType.String => TryTakeText(member, reader.ValueSpan, maxPayload),
            JsonTokenType.Number => TryTakeNumber(member, ref reader),
            JsonTokenType.Null => member is not Member.Type,
            _ => false,
        };

        private bool TryTakeText(Member member, ReadOnlySpan<byte> text, int maxPayload)
        {
            switch (member)
            {
                case Member.Type:
                    _isSend = text.SequenceEqual("SendMessage"u8);
                    return isFrame && _isSend;
                case Member.Id:
                    Id = Encoding.ASCII.GetString(text);
                    return isFrame && text.Length <= MaxId;
                case Member.ChatId:
                    return TryTakeId(text, out _chat);
                case Member.Payload:
                    _payload = StrictBase64.Decode(text);
                    return _payload?.Length > 0 && _payload.Length <= maxPayload;
                case Member.MessageType:
                    _messageType = text;
                    return true;
                case Member.ReplyTo:
                    return TryTakeId(text, out _replyTo);
                case Member.ClientMessageId:
                    return TryTakeId(text, out _clientMessageId);
                default:
                    return false;
            }
        }

        private bool TryTakeNumber(Member member, ref Utf8JsonReader reader)
        {
            if (!reader.TryGetInt64(out var number))
            {
                return false;
            }
            switch (member)
            {
                case Member.MembershipVersion:
                    _membershipVersion = number;
                    return number >= 0;
                case Member.ExpiresIn:
                    _expiresIn = number;
                    return number is >= 1 and <= Limits.MaxLifetimeSeconds;
                default:
                    return false;
            }
        }

        private static bool TryTakeId(ReadOnlySpan<byte> text, out Guid? id)
        {
            var isId = Ids.TryParse(text, out var value);
            id = value;
            return isId;
        }

        private static Member MemberOf(ReadOnlySpan<byte> name) => name.Length switch
        {
            2 when name.SequenceEqual("id"u8) => Member.Id,
            4 when name.SequenceEqual("type"u8) => Member.Type,
            7 when name.SequenceEqual("chat_id"u8) => Member.ChatId,
            8 when name.SequenceEqual("reply_to"u8) => Member.ReplyTo,
            10 when name.SequenceEqual("expires_in"u8) => Member.ExpiresIn,
            12 when name.SequenceEqual("message_type"u8) => Member.MessageType,
            17 when name.SequenceEqual("encrypted_payload"u8) => Member.Payload,
            17 when name.SequenceEqual("client_message_id"u8) => Member.ClientMessageId,
            18 when name.SequenceEqual("membership_version"u8) => Member.MembershipVersion,
            _ => Member.Unknown,
        };
    }

    [Flags]
    private enum Member
    {
        Unknown = 0,
        Type = 1,
        Id = 2,
        ChatId = 4,
        Payload = 8,
        MessageType = 16,
        ReplyTo = 32,
        ClientMessageId = 64,
        MembershipVersion = 128,
        ExpiresIn = 256,
    }
}

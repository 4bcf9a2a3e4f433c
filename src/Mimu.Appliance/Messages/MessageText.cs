using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using Mimu.Core.Events;
using Mimu.Core.Messages;

namespace Mimu.Appliance.Messages;

/// <summary>
/// A message as JSON, byte for byte what <see cref="MessageBody"/> becomes. Written by hand, since every message is written several times and nothing else is
/// written so often.
/// </summary>
internal static class MessageText
{
    /// <summary>All but the payload and the type, with all that may be null absent: names, three ids, a time and a number are 363 bytes.</summary>
    private const int FixedLength = 384;

    private const int QuotedId = 38;

    private const int QuotedTime = 26;

    /// <summary>At least as many bytes as the text has.</summary>
    public static int MaxLength(Message message) => FixedLength + message.Type.Length + Base64.GetMaxEncodedToUtf8Length(message.Payload.Length)
        + (message.ReplyTo is null ? 0 : QuotedId) + (message.ForwardedFrom is null ? 0 : QuotedId) + (message.ClientMessageId is null ? 0 : QuotedId)
        + (message.EditedAt is null ? 0 : QuotedTime) + (message.ExpiresAt is null ? 0 : QuotedTime);

    /// <summary>Writes it from the beginning of <paramref name="target"/> on.</summary>
    /// <param name="target">Has <see cref="MaxLength"/> bytes.</param>
    /// <param name="message">The message.</param>
    /// <param name="forSender">Whether its sender reads it, who alone is told the client_message_id.</param>
    /// <returns>How many bytes it is.</returns>
    public static int Write(Span<byte> target, Message message, bool forSender)
    {
        var text = new Utf8Text(target);
        text.Add("{\"message_id\":"u8);
        text.Add(message.Id.Value);
        text.Add(",\"chat_id\":"u8);
        text.Add(message.ChatId.Value);
        text.Add(",\"sender_id\":"u8);
        text.Add(message.SenderId.Value);
        text.Add(",\"sender_device_id\":"u8);
        text.Add(message.SenderDeviceId);
        text.Add(",\"message_type\":\""u8);
        text.AddAscii(message.Type);
        text.Add("\",\"encrypted_payload\":\""u8);
        text.AddBase64(message.Payload);
        text.Add("\",\"reply_to\":"u8);
        text.Add(message.ReplyTo?.Value);
        text.Add(",\"forwarded_from\":"u8);
        text.Add(message.ForwardedFrom?.Value);
        text.Add(",\"created_at\":"u8);
        text.Add(message.CreatedAt);
        text.Add(",\"edited_at\":"u8);
        text.Add(message.EditedAt);
        text.Add(",\"expires_at\":"u8);
        text.Add(message.ExpiresAt);
        text.Add(",\"client_message_id\":"u8);
        text.Add(forSender ? message.ClientMessageId : null);
        text.Add("}"u8);
        return text.Length;
    }

    /// <summary>Text that grows within a span.</summary>
    internal ref struct Utf8Text(Span<byte> target)
    {
        /// <summary>What most ids are made of, and what no encoder escapes.</summary>
        private static readonly SearchValues<char> _plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:");

        private readonly Span<byte> _target = target;

        public int Length { get; private set; }

        public void Add(scoped ReadOnlySpan<byte> text)
        {
            text.CopyTo(_target[Length..]);
            Length += text.Length;
        }

        public void Add(int number)
        {
            number.TryFormat(_target[Length..], out var written, default, CultureInfo.InvariantCulture);
            Length += written;
        }

        public void Add(Guid? id)
        {
            if (id is not { } value)
            {
                Add("null"u8);
                return;
            }
            var place = _target.Slice(Length, QuotedId);
            place[0] = place[^1] = (byte)'"';
            value.TryFormat(place[1..], out _);
            Length += place.Length;
        }

        /// <summary>What needs no escapes.</summary>
        public void AddAscii(string text)
        {
            System.Text.Encoding.ASCII.GetBytes(text, _target[Length..]);
            Length += text.Length;
        }

        /// <summary>The content of a JSON string.</summary>
        public void AddEscaped(string text)
        {
            if (!text.AsSpan().ContainsAnyExcept(_plain))
            {
                AddAscii(text);
                return;
            }
            var encoded = System.Text.Json.JsonEncodedText.Encode(text, System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
            Add(encoded.EncodedUtf8Bytes);
        }

        public void AddBase64(ReadOnlySpan<byte> bytes)
        {
            Base64.EncodeToUtf8(bytes, _target[Length..], out _, out var written);
            Length += written;
        }

        public void Add(Cursor cursor)
        {
            cursor.Write(_target[Length..]);
            Length += Cursor.TextLength;
        }

        public void Add(Message message, bool forSender) => Length += MessageText.Write(_target[Length..], message, forSender);

        /// <summary>RFC 3339 in UTC with milliseconds, in quotes (protocol section 1).</summary>
        public void Add(DateTimeOffset? time)
        {
            if (time is not { } value)
            {
                Add("null"u8);
                return;
            }
            var utc = value.UtcDateTime;
            var place = _target.Slice(Length, QuotedTime);
            "\"0000-00-00T00:00:00.000Z\""u8.CopyTo(place);
            Digits(place.Slice(1, 4), utc.Year);
            Digits(place.Slice(6, 2), utc.Month);
            Digits(place.Slice(9, 2), utc.Day);
            Digits(place.Slice(12, 2), utc.Hour);
            Digits(place.Slice(15, 2), utc.Minute);
            Digits(place.Slice(18, 2), utc.Second);
            Digits(place.Slice(21, 3), utc.Millisecond);
            Length += place.Length;
        }

        private static void Digits(Span<byte> place, int number)
        {
            for (var i = place.Length - 1; i >= 0; i--)
            {
                place[i] = (byte)('0' + (number % 10));
                number /= 10;
            }
        }
    }

    /// <summary>Answers its sender with it.</summary>
    public static async ValueTask WriteAsync(HttpResponse response, Message message)
    {
        var scratch = ArrayPool<byte>.Shared.Rent(MaxLength(message));
        var length = Write(scratch, message, forSender: true);
        response.ContentType = "application/json";
        response.ContentLength = length;
        await response.BodyWriter.WriteAsync(scratch.AsMemory(0, length));
        ArrayPool<byte>.Shared.Return(scratch);
    }

    /// <summary>Writes it where JSON is written otherwise.</summary>
    public static void Write(System.Text.Json.Utf8JsonWriter writer, Message message, bool forSender)
    {
        var scratch = ArrayPool<byte>.Shared.Rent(MaxLength(message));
        writer.WriteRawValue(scratch.AsSpan(0, Write(scratch, message, forSender)), skipInputValidation: true);
        ArrayPool<byte>.Shared.Return(scratch);
    }
}

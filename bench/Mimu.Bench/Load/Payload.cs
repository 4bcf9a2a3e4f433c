using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Mimu.Bench.Load;

/// <summary>What a message carries through the server: who sent it, as which, and when.</summary>
/// <param name="Time">Stopwatch ticks at the moment of queueing it for the socket.</param>
/// <param name="Sender">The sender's number.</param>
/// <param name="Slot">Which of the sender's places in flight it takes.</param>
/// <param name="Sequence">Counts the sender's messages from 0.</param>
internal readonly record struct Stamp(long Time, int Sender, int Slot, uint Sequence)
{
    /// <summary>The stamp in hexadecimal digits. They are Base64 characters too, so it is written straight into the encoded payload.</summary>
    public const int Characters = 32;

    public void Write(Span<byte> to)
    {
        Hex.Write(to[..16], (ulong)Time);
        Hex.Write(to[16..20], (uint)Sender);
        Hex.Write(to[20..24], (uint)Slot);
        Hex.Write(to[24..32], Sequence);
    }

    public static bool TryRead(ReadOnlySpan<byte> from, out Stamp stamp)
    {
        bool good = Hex.TryRead(from[..16], out ulong time) & Hex.TryRead(from[16..20], out ulong sender)
            & Hex.TryRead(from[20..24], out ulong slot) & Hex.TryRead(from[24..32], out ulong sequence);
        stamp = new Stamp((long)time, (int)sender, (int)slot, (uint)sequence);
        return good;
    }
}

/// <summary>The payload of all messages: a stamp, then random bytes, as a ciphertext has them, the same in every message.</summary>
internal sealed class Payload
{
    private readonly byte[] _text;

    /// <param name="bytes">Decoded length; at least the 24 bytes of the stamp.</param>
    public Payload(int bytes)
    {
        if (bytes < 24)
            throw new BenchException("a payload has at least 24 bytes: the stamp");
        Bytes = bytes;
        _text = Encoding.ASCII.GetBytes(Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes)));
        default(Stamp).Write(_text);
    }

    public int Bytes { get; }

    public string Text => Encoding.ASCII.GetString(_text);

    /// <summary>
    /// Finds the payload in a frame and reads its stamp; false if there is none or a single character of the payload is not as it was
    /// sent. A scan for the member's name and one comparison: a JSON parser here would cost the client more than the rest together.
    /// </summary>
    public bool TryRead(ReadOnlySpan<byte> frame, out Stamp stamp)
    {
        ReadOnlySpan<byte> name = "\"encrypted_payload\":\""u8;
        stamp = default;
        int at = frame.IndexOf(name);
        if (at < 0)
            return false;
        ReadOnlySpan<byte> value = frame[(at + name.Length)..];
        if (value.Length > _text.Length && value[_text.Length] == '"' && IsOurs(value[.._text.Length]))
            return Stamp.TryRead(value, out stamp);
        // JSON may write '+' and '/' as escapes: legal, so not a fault, only slow.
        return Unescape(frame) is { } plain && plain.Length == _text.Length && IsOurs(plain) && Stamp.TryRead(plain, out stamp);
    }

    private static byte[]? Unescape(ReadOnlySpan<byte> frame)
    {
        var reader = new Utf8JsonReader(frame);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("encrypted_payload"u8))
                continue;
            return reader.Read() && reader.TokenType == JsonTokenType.String ? Encoding.UTF8.GetBytes(reader.GetString()!) : null;
        }

        return null;
    }

    private bool IsOurs(ReadOnlySpan<byte> text) => text[Stamp.Characters..].SequenceEqual(_text.AsSpan(Stamp.Characters));
}

/// <summary>Numbers of a fixed width, so that they can be patched into prebuilt bytes.</summary>
internal static class Hex
{
    public static void Write(Span<byte> to, ulong value)
    {
        ReadOnlySpan<byte> digits = "0123456789abcdef"u8;
        for (int i = to.Length - 1; i >= 0; i--)
        {
            to[i] = digits[(int)(value & 15)];
            value >>= 4;
        }
    }

    public static bool TryRead(ReadOnlySpan<byte> from, out ulong value)
        => Utf8Parser.TryParse(from, out value, out int used, 'x') && used == from.Length;
}

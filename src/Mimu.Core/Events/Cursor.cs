using System.Buffers.Binary;
using System.Buffers.Text;

namespace Mimu.Core.Events;

/// <summary>A place in the event stream (protocol section 6). Clients hold its text and compare nothing but equality.</summary>
/// <param name="Epoch">Names the database that handed it out, so that a cursor of another one is refused.</param>
/// <param name="Position">Everything up to here has been seen; positions follow commit order.</param>
public readonly record struct Cursor(uint Epoch, long Position)
{
    private const int Size = sizeof(uint) + sizeof(long);

    /// <summary>16 characters of Base64url: the epoch, then the position, both big endian. Persisted by clients, so this form is frozen.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Epoch);
        BinaryPrimitives.WriteInt64BigEndian(bytes[sizeof(uint)..], Position);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>How long its text is.</summary>
    public const int TextLength = Size / 3 * 4;

    /// <summary>Writes the text of <see cref="ToString"/> in UTF-8.</summary>
    public void Write(Span<byte> target)
    {
        Span<byte> bytes = stackalloc byte[Size];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Epoch);
        BinaryPrimitives.WriteInt64BigEndian(bytes[sizeof(uint)..], Position);
        Base64Url.EncodeToUtf8(bytes, target);
    }

    /// <summary>Reads what <see cref="ToString"/> wrote; false for anything else.</summary>
    public static bool TryParse(string text, out Cursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (text.Length != Size / 3 * 4 || !Base64Url.IsValid(text, out var length) || length != Size
            || !Base64Url.TryDecodeFromChars(text, bytes, out _))
        {
            return false;
        }
        cursor = new Cursor(BinaryPrimitives.ReadUInt32BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[sizeof(uint)..]));
        return cursor.Position >= 0;
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Mimu.Core;

/// <summary>An account's id: UUIDv4, so that it does not tell when the account was made.</summary>
public readonly record struct UserId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A chat's id (UUIDv7).</summary>
public readonly record struct ChatId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A message's id (UUIDv7, RFC 9562 section 5.7).</summary>
public readonly record struct MessageId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A session's id (UUIDv7).</summary>
public readonly record struct SessionId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>The id of a registration for pushes (UUIDv7).</summary>
public readonly record struct RegistrationId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>Makes and reads ids (protocol section 1). The one place where UUIDs are made.</summary>
public static class Ids
{
    public static UserId NewUserId() => new(Guid.NewGuid());

    public static ChatId NewChatId(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    /// <summary>Each thread takes randomness for many at once, since the system is asked for it by a call that costs more than all else here.</summary>
    public static MessageId NewMessageId(DateTimeOffset now)
    {
        var pool = _pool ??= new RandomPool();
        Span<byte> bytes = stackalloc byte[16];
        pool.Take(bytes[6..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes, (now.ToUnixTimeMilliseconds() << 16) | (0x7L << 12) | (uint)((bytes[6] & 0x0F) << 8) | bytes[7]);
        bytes[8] = (byte)(0x80 | (bytes[8] & 0x3F));
        return new(new Guid(bytes, bigEndian: true));
    }

    [ThreadStatic]
    private static RandomPool? _pool;

    public static SessionId NewSessionId(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    public static RegistrationId NewRegistrationId(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    /// <summary>A token's own name, the <c>jti</c> claim (RFC 7519 section 4.1.7).</summary>
    public static Guid NewTokenId() => Guid.NewGuid();

    /// <summary>Reads the one form that ids have on the wire: 36 characters, lower case, with hyphens.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Guid id)
    {
        // The framework also reads white space around it, signs and 0x: only what it would write itself is the one form.
        Span<char> form = stackalloc char[Length];
        return Guid.TryParseExact(text, "D", out id) && id.TryFormat(form, out _) && form.SequenceEqual(text);
    }

    /// <summary>The same of ASCII.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out Guid id)
    {
        id = default;
        return text.Length == Length && !text.ContainsAnyExcept(_characters) && Utf8Parser.TryParse(text, out id, out var read, 'D') && read == Length;
    }

    private const int Length = 36;

    private static readonly SearchValues<byte> _characters = SearchValues.Create("0123456789abcdef-"u8);

    /// <summary>Random bytes, each given out once.</summary>
    private sealed class RandomPool
    {
        private readonly byte[] _bytes = new byte[1024];
        private int _used = 1024;

        public void Take(Span<byte> target)
        {
            if (_bytes.Length - _used < target.Length)
            {
                RandomNumberGenerator.Fill(_bytes);
                _used = 0;
            }
            _bytes.AsSpan(_used, target.Length).CopyTo(target);
            _used += target.Length;
        }
    }
}

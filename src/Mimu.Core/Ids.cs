using System.Diagnostics.CodeAnalysis;

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

/// <summary>A message's id (UUIDv7).</summary>
public readonly record struct MessageId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>A session's id (UUIDv7).</summary>
public readonly record struct SessionId(Guid Value)
{
    public override string ToString() => Value.ToString();
}

/// <summary>Makes and reads ids (protocol section 1). The one place where UUIDs are made.</summary>
public static class Ids
{
    public static UserId NewUserId() => new(Guid.NewGuid());

    public static ChatId NewChatId(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    public static MessageId NewMessageId(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    public static SessionId NewSessionId(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    /// <summary>A token's own name, the <c>jti</c> claim (RFC 7519 section 4.1.7).</summary>
    public static Guid NewTokenId() => Guid.NewGuid();

    /// <summary>Reads the one form that ids have on the wire: 36 characters, lower case, with hyphens.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Guid id)
    {
        // The framework also reads white space around it, signs and 0x: only what it would write itself is the one form.
        Span<char> form = stackalloc char[36];
        return Guid.TryParseExact(text, "D", out id) && id.TryFormat(form, out _) && form.SequenceEqual(text);
    }
}

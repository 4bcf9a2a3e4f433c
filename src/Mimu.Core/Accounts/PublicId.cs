using System.Diagnostics.CodeAnalysis;

namespace Mimu.Core.Accounts;

/// <summary>The name people find each other by (protocol 2.1): 3–32 of <c>a-z 0-9 _ .</c>, begins with a letter, kept in lower case.</summary>
public readonly record struct PublicId
{
    /// <summary>What the form is, for those who got it wrong.</summary>
    public const string Form = "must be 3 to 32 of a-z, 0-9, _ and ., begin with a letter, and not be `me`, `search` or `admin`";

    private const int MinLength = 3;
    private const int MaxLength = 32;

    private PublicId(string value) => Value = value;

    /// <summary>The name in lower case.</summary>
    public string Value { get; }

    /// <summary>Reads a name as a person may write it: upper case is lowered.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out PublicId id)
    {
        id = default;
        if (text is null || text.Length is < MinLength or > MaxLength || !char.IsAsciiLetter(text[0]))
        {
            return false;
        }
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.'))
            {
                return false;
            }
        }
        var lower = text.ToLowerInvariant();
        if (lower is "me" or "search" or "admin")
        {
            return false;
        }
        id = new PublicId(lower);
        return true;
    }

    /// <summary>A name that was checked when it was stored.</summary>
    public static PublicId FromStored(string value) => new(value);

    public override string ToString() => Value;
}

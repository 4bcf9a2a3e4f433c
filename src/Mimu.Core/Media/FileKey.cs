using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Mimu.Core.Media;

/// <summary>
/// A file's name in the store. Who knows it may have the file, so it can't be guessed: 160 random bits, where protocol 8.1 asks for 128.
/// They make 32 characters of Base32 (RFC 4648 section 6) in lower case with no bits to spare, so that a key has one form, also where a file system does not tell cases apart.
/// </summary>
public sealed record FileKey
{
    /// <summary>How many characters it has.</summary>
    public const int Length = 32;

    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private static readonly SearchValues<char> _alphabet = SearchValues.Create(Alphabet);
    private readonly string _text;

    private FileKey(string text) => _text = text;

    /// <summary>One that nobody has had before.</summary>
    public static FileKey New() => new(RandomNumberGenerator.GetString(Alphabet, Length));

    /// <summary>Reads the one form.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out FileKey? key)
    {
        key = text is { Length: Length } && !text.AsSpan().ContainsAnyExcept(_alphabet) ? new FileKey(text) : null;
        return key is not null;
    }

    /// <summary>As it stands in paths.</summary>
    public override string ToString() => _text;
}

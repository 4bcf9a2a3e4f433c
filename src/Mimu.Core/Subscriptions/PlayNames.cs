using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Mimu.Core.Subscriptions;

/// <summary>What Google's names look like. They come from clients and go into the paths of URLs: what is something else never gets there.</summary>
public static class PlayNames
{
    /// <summary>Google names no limit. Those seen have 140 to 200 characters.</summary>
    public const int MaxToken = 1024;

    /// <summary>Play Console, "Create a subscription": 40 characters, of one-time products somewhat more.</summary>
    public const int MaxProduct = 150;

    private static readonly SearchValues<char> _characters = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz-.");

    /// <summary>Whether a text may be a purchase token.</summary>
    public static bool IsToken([NotNullWhen(true)] string? text) => IsName(text, MaxToken);

    /// <summary>Whether a text may be the id of a product.</summary>
    public static bool IsProduct([NotNullWhen(true)] string? text) => IsName(text, MaxProduct);

    /// <summary>The first character is not a dot, so that none is "." or "..".</summary>
    private static bool IsName([NotNullWhen(true)] string? text, int max) =>
        text is { Length: > 0 } && text.Length <= max && char.IsAsciiLetterOrDigit(text[0]) && !text.AsSpan().ContainsAnyExcept(_characters);
}

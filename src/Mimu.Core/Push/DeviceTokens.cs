using System.Buffers;

namespace Mimu.Core.Push;

/// <summary>What tokens of Google's and Apple's services look like. Both say to take them as they are; so no more is asked of them than that they can't be anything else.</summary>
public static class DeviceTokens
{
    /// <summary>Many times what they have had so far: FCM's some 160 characters, APNs' 64 to 200.</summary>
    public const int MaxSize = 1000;

    private static readonly SearchValues<char> _hex = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Printable ASCII.</summary>
    public static bool IsFcm(string token) => token.Length is > 0 and <= MaxSize && !token.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>Bytes in hex, of no certain number. The token is a part of a path, where nothing else may come to be.</summary>
    public static bool IsApns(string token) => token.Length is > 0 and <= MaxSize && token.Length % 2 == 0 && !token.AsSpan().ContainsAnyExcept(_hex);
}

using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using Xunit;

namespace Mimu.Specification;

/// <summary>Compares records member by member, with bytes by what they are and lists in their order, where <c>record</c>s compare bytes and lists by reference.</summary>
public static class Alike
{
    /// <summary>Longer bytes are spelled as their hash.</summary>
    private const int ReadableBytes = 64;

    public static void Equal(object? expected, object? actual) => Assert.Equal(Spelled(expected), Spelled(actual));

    private static string Spelled(object? value) => value switch
    {
        null => "null",
        string text => $"\"{text}\"",
        byte[] bytes => Bytes(bytes),
        ReadOnlyMemory<byte> bytes => Bytes(bytes.Span),
        DateTimeOffset time => time.ToString("O", CultureInfo.InvariantCulture),
        IEnumerable list => $"[{string.Join(", ", list.Cast<object?>().Select(Spelled))}]",
        ValueType plain => Convert.ToString(plain, CultureInfo.InvariantCulture)!,
        _ => $"{value.GetType().Name} {{\n{string.Join(",\n", Members(value))} }}",
    };

    private static string Bytes(ReadOnlySpan<byte> bytes) => bytes.Length <= ReadableBytes
        ? $"0x{Convert.ToHexStringLower(bytes)}"
        : $"{bytes.Length} bytes of SHA-256 {Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    private static IEnumerable<string> Members(object value) => value.GetType()
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Select(property => $"  {property.Name} = {Spelled(property.GetValue(value))}");
}

using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Mimu.Core.Tests;

public sealed class StrictBase64Tests
{
    /// <summary>RFC 4648 section 10.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("Zg==", "f")]
    [InlineData("Zm8=", "fo")]
    [InlineData("Zm9v", "foo")]
    [InlineData("Zm9vYg==", "foob")]
    [InlineData("Zm9vYmE=", "fooba")]
    [InlineData("Zm9vYmFy", "foobar")]
    public void The_vectors_of_the_standard_are_read(string text, string expected) => Assert.Equal(Encoding.ASCII.GetBytes(expected), Decode(text));

    [Fact]
    public void Bytes_of_every_length_are_read()
    {
        for (var length = 0; length < 100; length++)
        {
            var bytes = RandomNumberGenerator.GetBytes(length);
            Assert.Equal(bytes, Decode(Convert.ToBase64String(bytes)));
        }
    }

    [Theory]
    [InlineData("Zg")]
    [InlineData("Zg=")]
    [InlineData("Zg===")]
    [InlineData("Zm8")]
    [InlineData("=")]
    [InlineData("==")]
    [InlineData("====")]
    [InlineData("Z===")]
    [InlineData("Zg==Zg==")]
    [InlineData("Zm=v")]
    [InlineData("Zm8==")]
    public void Padding_is_asked_for_in_its_place(string text) => Assert.Null(Decode(text));

    [Theory]
    [InlineData(" Zg==")]
    [InlineData("Zg== ")]
    [InlineData("Zg==\n")]
    [InlineData("Zg==    ")]
    [InlineData("Zg\r\n==")]
    [InlineData("Zm9v\n   ")]
    [InlineData("Zm9v\nYmFy")]
    [InlineData("    ")]
    [InlineData("Z g==   ")]
    public void White_space_is_not_passed_over(string text) => Assert.Null(Decode(text));

    [Theory]
    [InlineData("-_-_")]
    [InlineData("Zm9-")]
    [InlineData("Zm9.")]
    [InlineData("Zm9\u00e9")]
    [InlineData("Zm9\0")]
    public void Other_alphabets_are_refused(string text) => Assert.Null(Decode(text));

    /// <summary>RFC 4648 section 3.5: the bits that stand for nothing are zero, or one value would have many spellings.</summary>
    [Fact]
    public void Of_all_last_groups_only_the_canonical_are_read()
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        for (var i = 0; i < 64; i++)
        {
            Assert.Equal(i % 16 == 0, Decode($"Z{alphabet[i]}==") is not null);
            Assert.Equal(i % 4 == 0, Decode($"Zm{alphabet[i]}=") is not null);
        }
    }

    private static byte[]? Decode(string text) => StrictBase64.Decode(Encoding.UTF8.GetBytes(text));
}

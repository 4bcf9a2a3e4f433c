using Mimu.Core.Accounts;
using Xunit;

namespace Mimu.Core.Tests.Accounts;

public sealed class PublicIdTests
{
    [Theory]
    [InlineData("abc", "abc")]
    [InlineData("Alice", "alice")]
    [InlineData("a_b.c9", "a_b.c9")]
    [InlineData("ABCDEFGHIJKLMNOPQRSTUVWXYZ012345", "abcdefghijklmnopqrstuvwxyz012345")]
    [InlineData("mee", "mee")]
    [InlineData("admin1", "admin1")]
    [InlineData("I__", "i__")]
    public void A_name_is_kept_in_lower_case(string text, string expected)
    {
        Assert.True(PublicId.TryParse(text, out var id));
        Assert.Equal(expected, id.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData("abcdefghijklmnopqrstuvwxyz0123456")]
    [InlineData("1abc")]
    [InlineData("_abc")]
    [InlineData(".abc")]
    [InlineData("a-b")]
    [InlineData("a b")]
    [InlineData("abc ")]
    [InlineData(" abc")]
    [InlineData("abc\n")]
    [InlineData("abc\0")]
    [InlineData("a/b")]
    [InlineData("a@b")]
    [InlineData("\u00e4bc")]
    [InlineData("ab\u00df")]
    [InlineData("\u212aelvin")]
    [InlineData("ab\u0131")]
    [InlineData("\u0430bc")]
    [InlineData("ab\uff11")]
    [InlineData("me")]
    [InlineData("search")]
    [InlineData("Search")]
    [InlineData("admin")]
    [InlineData("ADMIN")]
    public void Other_names_are_refused(string? text) => Assert.False(PublicId.TryParse(text, out _));
}

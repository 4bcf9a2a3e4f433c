using Mimu.Core.Media;
using Xunit;

namespace Mimu.Core.Tests.Media;

public sealed class FileKeyTests
{
    [Fact]
    public void A_key_is_read_as_it_is_written()
    {
        var key = FileKey.New();

        Assert.True(FileKey.TryParse(key.ToString(), out var read));
        Assert.Equal(key, read);
    }

    [Fact]
    public void Keys_use_the_whole_alphabet_and_never_repeat()
    {
        var keys = Enumerable.Range(0, 1000).Select(_ => FileKey.New().ToString()).ToArray();

        Assert.Equal(1000, keys.Distinct().Count());
        // That all of them lack some character at some place has a chance of 32 * 32 * (31/32)^1000, less than 1 in 10^10.
        Assert.All(Enumerable.Range(0, FileKey.Length), place => Assert.Equal(32, keys.Select(key => key[place]).Distinct().Count()));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("abcdefghijklmnopqrstuvwxyz23456")]
    [InlineData("abcdefghijklmnopqrstuvwxyz2345677")]
    [InlineData("Abcdefghijklmnopqrstuvwxyz234567")]
    [InlineData("abcdefghijklmnopqrstuvwxyz234560")]
    [InlineData("abcdefghijklmnopqrstuvwxyz234561")]
    [InlineData("abcdefghijklmnopqrstuvwxyz23456=")]
    [InlineData("abcdefghijklmnopqrstuvwxyz23456\n")]
    [InlineData(" abcdefghijklmnopqrstuvwxyz23456")]
    [InlineData("../defghijklmnopqrstuvwxyz234567")]
    public void A_key_has_one_form_only(string? text) => Assert.False(FileKey.TryParse(text, out _));

    [Fact]
    public void A_key_is_frozen_as_32_characters_of_lower_case_Base32()
    {
        Assert.True(FileKey.TryParse("abcdefghijklmnopqrstuvwxyz234567", out var key));
        Assert.Equal("abcdefghijklmnopqrstuvwxyz234567", key.ToString());
    }
}

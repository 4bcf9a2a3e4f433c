using Mimu.Core.Events;
using Xunit;

namespace Mimu.Core.Tests.Events;

/// <summary>Clients keep cursors over updates of the server: their form is frozen.</summary>
public sealed class CursorTests
{
    [Theory]
    [InlineData(0u, 0L, "AAAAAAAAAAAAAAAA")]
    [InlineData(1u, 2L, "AAAAAQAAAAAAAAAC")]
    [InlineData(0xFFFF_FFFEu, 0x0102_0304_0506_0708L, "_____gECAwQFBgcI")]
    [InlineData(uint.MaxValue, long.MaxValue, "_____3__________")]
    public void The_form_is_frozen(uint epoch, long position, string text)
    {
        var cursor = new Cursor(epoch, position);

        Assert.Equal(text, cursor.ToString());
        Assert.True(Cursor.TryParse(text, out var read));
        Assert.Equal(cursor, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAA=")]
    [InlineData("AAAAAAAAAAAAAA==")]
    [InlineData("AAAAAAAAAAAAAAA ")]
    [InlineData(" AAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAA\nAAAAAAAA")]
    [InlineData("AAAAAAAA    AAAA")]
    [InlineData("+++++AAAAAAAAAAA")]
    [InlineData("/////AAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAA\u00e9")]
    [InlineData("AAAAAf__________")]
    [InlineData("AAAAAYAAAAAAAAAA")]
    [InlineData("1234567890123456789012345678901234567890")]
    public void Anything_else_is_none(string text) => Assert.False(Cursor.TryParse(text, out _));
}

using Xunit;

namespace Mimu.Core.Tests;

public sealed class IdsTests
{
    [Fact]
    public void An_id_is_read_as_it_is_written()
    {
        var id = Ids.NewUserId();

        Assert.True(Ids.TryParse(id.ToString(), out var read));
        Assert.Equal(id.Value, read);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0190a5b0-1c2d-7e3f-8a9b-0c1d2e3f4a5")]
    [InlineData("0190a5b0-1c2d-7e3f-8a9b-0c1d2e3f4a5b6")]
    [InlineData("0190A5B0-1c2d-7e3f-8a9b-0c1d2e3f4a5b")]
    [InlineData("0190a5b01c2d7e3f8a9b0c1d2e3f4a5b")]
    [InlineData("{0190a5b0-1c2d-7e3f-8a9b-0c1d2e3f4a5b}")]
    [InlineData("0190a5b0-1c2d-7e3f-8a9b-0c1d2e3f4a5g")]
    [InlineData(" 0190a5b0-1c2d-7e3f-8a9b-0c1d2e3f4a5b")]
    [InlineData("0190a5b0-1c2d-7e3f-8a9b-0c1d2e3f4a5b\n")]
    [InlineData("0x90a5b0-1c2d-7e3f-8a9b-0c1d2e3f4a5b")]
    [InlineData("+190a5b0-1c2d-7e3f-8a9b-0c1d2e3f4a5b")]
    [InlineData("0190a5b0-+c2d-7e3f-8a9b-0c1d2e3f4a5b")]
    [InlineData("0190a5b0-0x2d-7e3f-8a9b-0c1d2e3f4a5b")]
    public void An_id_has_one_form_only(string? text) => Assert.False(Ids.TryParse(text, out _));

    [Fact]
    public void A_user_id_does_not_tell_when_and_the_others_do()
    {
        var now = new DateTimeOffset(2026, 11, 22, 18, 50, 0, TimeSpan.Zero);

        Assert.Equal(4, Ids.NewUserId().Value.Version);
        foreach (var id in (Guid[])[Ids.NewChatId(now).Value, Ids.NewMessageId(now).Value, Ids.NewSessionId(now).Value])
        {
            Assert.Equal(7, id.Version);
            Assert.Equal(now.ToUnixTimeMilliseconds(), Convert.ToInt64(id.ToString("n")[..12], 16));
        }
    }
}

using Mimu.Appliance.Gateway;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Gateway;

/// <summary>Whoever waits for room gets it, however late those who make it see that somebody waits.</summary>
public class FramesUnderWayTests
{
    private FramesUnderWay _frames;

    [Fact]
    public async Task There_is_room_again_when_half_is_done()
    {
        for (var i = 0; i < FramesUnderWay.Max; i++)
        {
            Assert.False(_frames.IsFull);
            _frames.Begin();
        }
        Assert.True(_frames.IsFull);
        var room = _frames.RoomAsync();
        for (var i = 0; i < FramesUnderWay.Max / 2; i++)
        {
            Assert.False(room.IsCompleted);
            _frames.Done();
        }
        await Deadline.For("room", room);
        Assert.True(_frames.RoomAsync().IsCompleted);
    }

    [Fact]
    public async Task Room_is_never_missed_while_others_make_it()
    {
        for (var round = 0; round < 2000; round++)
        {
            while (!_frames.IsFull)
            {
                _frames.Begin();
            }
            using var start = new Barrier(2);
            var doing = Task.Run(() =>
            {
                start.SignalAndWait(Deadline.Usual);
                for (var i = 0; i < FramesUnderWay.Max; i++)
                {
                    _frames.Done();
                }
            });
            start.SignalAndWait(Deadline.Usual);
            await Deadline.For("room", _frames.RoomAsync());
            await doing;
        }
    }
}

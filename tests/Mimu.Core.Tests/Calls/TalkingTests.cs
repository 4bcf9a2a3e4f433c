using Mimu.Core.Calls;
using Xunit;

namespace Mimu.Core.Tests.Calls;

/// <summary>A call that was answered, and calls that meet (protocol 9.3).</summary>
public class TalkingTests
{
    private const string Glare = """CallHangup {"reason":"glare"}""";

    private readonly CallScene _scene = new();

    [Fact]
    public void The_two_devices_go_on_with_each_other_alone()
    {
        var (alice, bob, call) = Talk();
        var (other, another) = (_scene.Connect(_scene.Alice, 2), _scene.Connect(_scene.Bob, 2));
        Assert.True(_scene.Say(alice, _scene.Bob, call, CallWord.CallOffer, "1"));
        Assert.True(_scene.Say(bob, _scene.Alice, call, CallWord.CallAnswer, "2"));
        Assert.True(_scene.Say(bob, _scene.Alice, call, CallWord.CallOffer, "3"));
        Assert.True(_scene.Say(alice, _scene.Bob, call, CallWord.IceCandidate, "4"));
        Assert.Equal(["CallOffer 1", "IceCandidate 4"], bob.Told());
        Assert.Equal(["CallAnswer 2", "CallOffer 3"], alice.Told());
        Assert.True(_scene.Say(bob, _scene.Alice, call, CallWord.CallHangup, "5"));
        Assert.Equal(["CallHangup 5"], alice.Told());
        Assert.False(_scene.Say(alice, _scene.Bob, call, CallWord.CallHangup));
        Assert.Empty(bob.Told());
        Assert.Empty(other.Told());
        Assert.Empty(another.Told());
        Assert.Single(_scene.Push.Rung);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_said_to_a_device_that_is_away_waits_for_it(bool isCallerAway)
    {
        var (alice, bob, call) = Talk();
        var (away, here) = isCallerAway ? (alice, bob) : (bob, alice);
        _scene.Table.Disconnect(away);
        for (var i = 0; i < 65; i++)
        {
            Assert.False(_scene.Say(here, away.Caller.UserId, call, CallWord.IceCandidate, $"{i}"));
        }
        _scene.Pass(60);
        Assert.Empty(_scene.Connect(away.Caller.UserId, 9).Told());
        var again = _scene.Connect(away.Caller.UserId);
        Assert.Equal(Enumerable.Range(0, 64).Select(i => $"IceCandidate {i}"), again.Told());
        Assert.True(_scene.Say(here, away.Caller.UserId, call, CallWord.CallOffer, "x"));
        Assert.Equal(["CallOffer x"], again.Told());
    }

    [Fact]
    public void A_hang_up_reaches_who_comes_back_in_time()
    {
        var (alice, bob, call) = Talk();
        _scene.Table.Disconnect(bob);
        Assert.False(_scene.Say(alice, _scene.Bob, call, CallWord.IceCandidate, "1"));
        Assert.False(_scene.Say(alice, _scene.Bob, call, CallWord.CallHangup, "2"));
        _scene.Pass(59);
        Assert.Equal(["CallHangup 2"], _scene.Connect(_scene.Bob).Told());
        _scene.Pass(1);
        Assert.Equal((0, 0L), (_scene.Table.Count, _scene.Table.Taken));
    }

    [Fact]
    public void A_call_is_forgotten_when_both_are_gone_for_long_and_not_before()
    {
        var (alice, bob, call) = Talk();
        _scene.Table.Disconnect(alice);
        _scene.Pass(3600);
        Assert.Equal(1, _scene.Table.Count);
        _scene.Table.Disconnect(bob);
        _scene.Pass(299);
        bob = _scene.Connect(_scene.Bob);
        _scene.Pass(3600);
        Assert.False(_scene.Say(bob, _scene.Alice, call, CallWord.CallOffer, "1"));
        Assert.Equal(["CallOffer 1"], _scene.Connect(_scene.Alice).Told());
        _scene.Clock.Advance(TimeSpan.FromHours(12));
        _scene.Table.Sweep();
        Assert.Equal((0, 0L), (_scene.Table.Count, _scene.Table.Taken));
    }

    [Fact]
    public void Blocking_ends_it_for_both()
    {
        var (alice, bob, _) = Talk();
        _scene.Table.EndBetween(_scene.Alice, _scene.Bob);
        Assert.Equal(["""CallHangup {"reason":"ended"}"""], alice.Told());
        Assert.Equal(["""CallHangup {"reason":"ended"}"""], bob.Told());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void When_both_call_at_once_the_lower_id_survives_and_both_are_told(bool firstIsLower)
    {
        var (alice, bob, laptop) = (_scene.Connect(_scene.Alice), _scene.Connect(_scene.Bob), _scene.Connect(_scene.Bob, 2));
        var (lower, higher) = (_scene.NewCall(), _scene.NewCall());
        var (ofAlice, ofBob) = firstIsLower ? (lower, higher) : (higher, lower);
        Assert.True(_scene.Say(alice, _scene.Bob, ofAlice, CallWord.CallOffer, "a"));
        Assert.Equal(!firstIsLower, _scene.Say(bob, _scene.Alice, ofBob, CallWord.CallOffer, "b"));
        if (firstIsLower)
        {
            Assert.Equal(["CallOffer a", Glare], bob.Told());
            Assert.Equal(["CallOffer a"], laptop.Told());
            Assert.Equal([Glare], alice.Told());
            Assert.Equal((higher, higher), (alice.Last!.CallId, bob.Last!.CallId));
            Assert.Single(_scene.Push.Rung);
            Assert.True(_scene.Say(bob, _scene.Alice, lower, CallWord.CallAnswer));
        }
        else
        {
            Assert.Equal(["CallOffer a", Glare], bob.Told());
            Assert.Equal(["CallOffer a", Glare], laptop.Told());
            Assert.Equal([Glare, "CallOffer b"], alice.Told());
            Assert.Equal(higher, bob.Last!.CallId);
            Assert.Equal([(_scene.Bob, higher)], _scene.Push.Stopped);
            Assert.True(_scene.Say(alice, _scene.Bob, lower, CallWord.CallAnswer));
        }
        Assert.Equal((_scene.Bob, (int?)1), (alice.Last!.From, alice.Last.FromDevice));
    }

    /// <summary>RFC 9562 compares the bytes as they are written; the first of them is where others begin from the other end.</summary>
    [Fact]
    public void Ids_are_compared_as_they_are_written()
    {
        var (alice, bob) = (_scene.Connect(_scene.Alice), _scene.Connect(_scene.Bob));
        var (lower, higher) = (Guid.Parse("01ffffff-0000-7000-8000-000000000000"), Guid.Parse("ff000000-0000-7000-8000-000000000000"));
        _scene.Say(alice, _scene.Bob, higher, CallWord.CallOffer);
        Assert.True(_scene.Say(bob, _scene.Alice, lower, CallWord.CallOffer));
        Assert.Equal([Glare, "CallOffer {}"], alice.Told());
    }

    [Fact]
    public async Task Of_two_answers_at_once_exactly_one_wins()
    {
        for (var round = 0; round < 1000; round++)
        {
            var scene = new CallScene();
            var (alice, phone, laptop, call) = (scene.Connect(scene.Alice), scene.Connect(scene.Bob, 1), scene.Connect(scene.Bob, 2), scene.NewCall());
            scene.Say(alice, scene.Bob, call, CallWord.CallOffer);
            using var start = new Barrier(2);
            var answers = await Task.WhenAll(AnswerAsync(phone), AnswerAsync(laptop));
            Assert.Single(answers, won => won);
            Assert.Equal([$"CallAnswer {(answers[0] ? 1 : 2)}"], alice.Told());
            var (winner, loser) = answers[0] ? (phone, laptop) : (laptop, phone);
            Assert.Equal(["CallOffer {}"], winner.Told());
            Assert.All(loser.Told().Skip(1), told => Assert.Equal("""CallHangup {"reason":"handled_elsewhere"}""", told));

            Task<bool> AnswerAsync(Phone device) => Task.Factory.StartNew(() =>
            {
                start.SignalAndWait();
                return scene.Say(device, scene.Alice, call, CallWord.CallAnswer, $"{device.Caller.DeviceId}");
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    /// <summary>Whoever goes live while somebody calls is told once, neither twice nor never.</summary>
    [Fact]
    public async Task A_socket_that_goes_live_meanwhile_is_told_the_offer_once()
    {
        for (var round = 0; round < 1000; round++)
        {
            var scene = new CallScene();
            var (alice, call) = (scene.Connect(scene.Alice), scene.NewCall());
            using var start = new Barrier(2);
            var phone = new Phone(new Caller(scene.Bob, new SessionId(Guid.Empty), 1));
            await Task.WhenAll(Thread(() => scene.Table.Connect(phone)), Thread(() =>
            {
                scene.Say(alice, scene.Bob, call, CallWord.CallOffer, "0");
                scene.Say(alice, scene.Bob, call, CallWord.IceCandidate, "1");
            }));
            Assert.Equal(["CallOffer 0", "IceCandidate 1"], phone.Told());

            Task Thread(Action work) => Task.Factory.StartNew(() =>
            {
                start.SignalAndWait();
                work();
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
    }

    private (Phone Alice, Phone Bob, Guid Call) Talk()
    {
        var (alice, bob, call) = (_scene.Connect(_scene.Alice), _scene.Connect(_scene.Bob), _scene.NewCall());
        _scene.Say(alice, _scene.Bob, call, CallWord.CallOffer);
        _scene.Say(bob, _scene.Alice, call, CallWord.CallAnswer);
        alice.Told();
        bob.Told();
        return (alice, bob, call);
    }
}

using Mimu.Core.Calls;
using Mimu.Core.Devices;
using Xunit;

namespace Mimu.Core.Tests.Calls;

/// <summary>A call until it is answered (protocol 9.3).</summary>
public class RingingTests
{
    private const string Elsewhere = """CallHangup {"reason":"handled_elsewhere"}""";

    private readonly CallScene _scene = new();
    private readonly Phone _alice;
    private readonly Guid _call;

    public RingingTests()
    {
        _alice = _scene.Connect(_scene.Alice);
        _call = _scene.NewCall();
    }

    [Fact]
    public void All_devices_of_the_callee_ring_and_the_first_answer_stops_the_others()
    {
        var (phone, laptop, tablet) = (_scene.Connect(_scene.Bob, 1), _scene.Connect(_scene.Bob, 2), _scene.Connect(_scene.Bob, 3));
        Assert.True(Offer("""{ "sdp" : 1 }"""));
        Assert.All([phone, laptop, tablet], device => Assert.Equal(["""CallOffer { "sdp" : 1 }"""], device.Told()));
        Assert.Equal((_scene.Alice, (int?)1, _call), (phone.Last!.From, phone.Last.FromDevice, phone.Last.CallId));
        Assert.True(Reply(phone, CallWord.CallRinging));
        Assert.True(Reply(laptop, CallWord.CallAnswer, """{"sdp":2}"""));
        Assert.Equal(["CallRinging {}", """CallAnswer {"sdp":2}"""], _alice.Told());
        Assert.Equal((_scene.Bob, (int?)2), (_alice.Last!.From, _alice.Last.FromDevice));
        Assert.All([phone, tablet], device => Assert.Equal([Elsewhere], device.Told()));
        Assert.Empty(laptop.Told());
        Assert.Equal([(_scene.Bob, _call)], _scene.Push.Stopped);
        // Who comes now has never heard of it.
        Assert.Empty(_scene.Connect(_scene.Bob, 4).Told());
    }

    [Fact]
    public void A_second_answer_is_too_late_and_its_device_is_told_so()
    {
        var (phone, laptop) = (_scene.Connect(_scene.Bob, 1), _scene.Connect(_scene.Bob, 2));
        Offer();
        Reply(phone, CallWord.CallAnswer, "1");
        foreach (var device in (Phone[])[_alice, phone, laptop])
        {
            device.Told();
        }
        Assert.False(Reply(laptop, CallWord.CallAnswer, "2"));
        Assert.Equal([Elsewhere], laptop.Told());
        // Nor has it any say in what the others have to do with each other.
        Assert.False(Reply(laptop, CallWord.CallHangup));
        Assert.False(Reply(laptop, CallWord.IceCandidate));
        Assert.Empty(_alice.Told());
        Assert.Empty(phone.Told());
    }

    [Theory]
    [InlineData(CallWord.CallDecline)]
    [InlineData(CallWord.CallBusy)]
    [InlineData(CallWord.CallHangup)]
    public void One_device_refuses_for_all(CallWord word)
    {
        var (phone, laptop) = (_scene.Connect(_scene.Bob, 1), _scene.Connect(_scene.Bob, 2));
        Offer();
        phone.Told();
        laptop.Told();
        Assert.True(Reply(phone, word, "\"no\""));
        Assert.Equal([$"{word} \"no\""], _alice.Told());
        Assert.Equal([Elsewhere], laptop.Told());
        Assert.Empty(phone.Told());
        Assert.False(Reply(laptop, CallWord.CallAnswer));
        Assert.Equal([Elsewhere], laptop.Told());
        Assert.Empty(_alice.Told());
        Assert.Single(_scene.Push.Stopped);
    }

    [Fact]
    public void Who_wakes_up_gets_the_offer_and_its_candidates_in_order_each_socket_once()
    {
        Assert.False(Offer("0"));
        Assert.False(Candidate("1"));
        Assert.False(Candidate("2"));
        Assert.Equal([(_scene.Bob, null, DeviceSet.None, _call, _scene.Clock.GetUtcNow().AddSeconds(60))], _scene.Push.Rung);
        _scene.Pass(59);
        var phone = _scene.Connect(_scene.Bob);
        Assert.Equal(["CallOffer 0", "IceCandidate 1", "IceCandidate 2"], phone.Told());
        Assert.True(Candidate("3"));
        Assert.Equal(["IceCandidate 3"], phone.Told());
        Assert.Equal(["CallOffer 0", "IceCandidate 1", "IceCandidate 2", "IceCandidate 3"], _scene.Connect(_scene.Bob).Told());
        Assert.Empty(phone.Told());
    }

    [Fact]
    public void A_device_that_loses_its_socket_while_it_rings_is_pushed_and_so_is_one_that_says_nothing()
    {
        var (phone, tablet, laptop) = (_scene.Connect(_scene.Bob), _scene.Connect(_scene.Bob, 2), _scene.Connect(_scene.Bob, 3));
        Offer();
        Assert.Equal([null], _scene.Push.Rung.Select(rung => rung.Device));
        _scene.Say(laptop, _scene.Alice, _call, CallWord.CallRinging);
        _scene.Table.Disconnect(phone);
        Assert.Equal([null, 1], _scene.Push.Rung.Select(rung => rung.Device));
        _scene.Pass(2);
        Assert.Equal(2, _scene.Push.Rung.Count);
        _scene.Pass(5);
        Assert.Equal([null, 1, 2], _scene.Push.Rung.Select(rung => rung.Device));
        Assert.All(_scene.Push.Rung.Skip(1), rung => Assert.True(rung.Online.IsEmpty));
        // One that has come after it was pushed is awake.
        _scene.Connect(_scene.Bob);
        _scene.Pass(5);
        _scene.Table.Disconnect(tablet);
        Assert.Equal([null, 1, 2, 2], _scene.Push.Rung.Select(rung => rung.Device));
        _scene.Say(laptop, _scene.Alice, _call, CallWord.CallAnswer);
        _scene.Table.Disconnect(laptop);
        Assert.Equal(4, _scene.Push.Rung.Count);
    }

    [Fact]
    public void Candidates_that_overtake_their_offer_follow_it()
    {
        var phone = _scene.Connect(_scene.Bob);
        Assert.False(Candidate("1"));
        Assert.False(Candidate("2"));
        Assert.Empty(phone.Told());
        Assert.True(Offer("0"));
        Assert.Equal(["CallOffer 0", "IceCandidate 1", "IceCandidate 2"], phone.Told());
    }

    [Fact]
    public void Candidates_without_an_offer_are_forgotten_soon()
    {
        Candidate("1");
        _scene.Pass(9);
        Assert.Equal(1, _scene.Table.Count);
        _scene.Pass(1);
        Assert.Equal((0, 0L), (_scene.Table.Count, _scene.Table.Taken));
    }

    [Fact]
    public void What_has_ended_before_its_offer_came_does_not_ring()
    {
        var phone = _scene.Connect(_scene.Bob);
        Candidate("1");
        Assert.False(_scene.Say(_alice, _scene.Bob, _call, CallWord.CallHangup));
        Assert.False(Offer());
        Assert.False(Candidate("2"));
        Assert.Empty(phone.Told());
        Assert.Empty(_scene.Push.Rung);
    }

    [Fact]
    public void So_many_candidates_are_kept_and_no_more()
    {
        Offer("0");
        for (var i = 1; i <= 65; i++)
        {
            Assert.False(Candidate($"{i}"));
        }
        var told = _scene.Connect(_scene.Bob).Told();
        Assert.Equal(65, told.Length);
        Assert.Equal(("CallOffer 0", "IceCandidate 64"), (told[0], told[^1]));
    }

    [Fact]
    public void What_is_kept_is_bounded_in_bytes_and_an_offer_goes_before_candidates()
    {
        var large = new string(' ', CallSettings.MaxPayload);
        for (var i = 0; i < 64; i++)
        {
            Candidate(large);
        }
        Assert.InRange(_scene.Table.Taken, 1, 140 * 1024);
        Offer(large);
        Assert.StartsWith("CallOffer", _scene.Connect(_scene.Bob).Told()[0], StringComparison.Ordinal);
        Assert.InRange(_scene.Table.Taken, 1, 140 * 1024);
    }

    [Fact]
    public void The_memory_of_all_calls_together_is_bounded()
    {
        var scene = new CallScene(new CallSettings { MaxBytes = 40_000 });
        var alice = scene.Connect(scene.Alice);
        var payload = new string(' ', 15_000);
        Assert.False(scene.Say(alice, scene.Bob, scene.NewCall(), CallWord.CallOffer, payload));
        var second = scene.NewCall();
        Assert.False(scene.Say(alice, scene.Bob, second, CallWord.CallOffer, payload));
        Assert.Equal("unavailable", scene.Try(alice, scene.Bob, scene.NewCall(), CallWord.CallOffer, payload).Error!.Code);
        Assert.Equal(2, scene.Table.Count);
        scene.Say(alice, scene.Bob, second, CallWord.CallHangup);
        Assert.False(scene.Say(alice, scene.Bob, scene.NewCall(), CallWord.CallOffer, payload));
    }

    [Fact]
    public void Nobody_took_it()
    {
        Offer();
        _scene.Pass(59);
        Assert.Empty(_alice.Told());
        _scene.Pass(1);
        Assert.Equal(["CallUnavailable null"], _alice.Told());
        Assert.Equal((_scene.Bob, null), (_alice.Last!.From, _alice.Last.FromDevice));
        Assert.Single(_scene.Push.Stopped);
        Assert.Empty(_scene.Connect(_scene.Bob).Told());
        Assert.False(Candidate("late"));
        _scene.Pass(60);
        Assert.Equal((0, 0L), (_scene.Table.Count, _scene.Table.Taken));
    }

    [Fact]
    public void What_rings_and_is_not_answered_ends_for_both()
    {
        var phone = _scene.Connect(_scene.Bob);
        Offer();
        Reply(phone, CallWord.CallRinging);
        phone.Told();
        _alice.Told();
        _scene.Pass(60);
        Assert.Equal(["CallUnavailable null"], _alice.Told());
        Assert.Equal(["""CallHangup {"reason":"timeout"}"""], phone.Told());
    }

    [Fact]
    public void Who_calls_hangs_up_again()
    {
        var (phone, laptop) = (_scene.Connect(_scene.Bob, 1), _scene.Connect(_scene.Bob, 2));
        Offer();
        phone.Told();
        laptop.Told();
        Assert.True(_scene.Say(_alice, _scene.Bob, _call, CallWord.CallHangup, "\"sorry\""));
        Assert.All([phone, laptop], device => Assert.Equal(["CallHangup \"sorry\""], device.Told()));
        Assert.Equal([(_scene.Bob, _call)], _scene.Push.Stopped);
        Assert.Empty(_scene.Connect(_scene.Bob, 3).Told());
        Assert.False(Reply(phone, CallWord.CallAnswer));
        Assert.Empty(_alice.Told());
    }

    [Fact]
    public void A_device_that_was_away_when_it_ended_hears_of_it_when_it_comes_back()
    {
        var phone = _scene.Connect(_scene.Bob);
        Offer();
        _scene.Table.Disconnect(phone);
        Assert.False(_scene.Say(_alice, _scene.Bob, _call, CallWord.CallHangup));
        Assert.Equal(["CallHangup {}"], _scene.Connect(_scene.Bob).Told());
        _scene.Pass(60);
        Assert.Empty(_scene.Connect(_scene.Bob).Told());
    }

    [Fact]
    public void Of_a_call_to_one_device_the_others_hear_nothing()
    {
        var (phone, laptop) = (_scene.Connect(_scene.Bob, 1), _scene.Connect(_scene.Bob, 2));
        Assert.True(_scene.Say(_alice, _scene.Bob, _call, CallWord.CallOffer, toDevice: 2));
        Candidate("1");
        Assert.Equal(2, laptop.Told().Length);
        Assert.Empty(phone.Told());
        Assert.Equal("not_found", _scene.Try(phone, _scene.Alice, _call, CallWord.CallAnswer).Error!.Code);
        Assert.Equal(2, _scene.Push.Rung.Single().Device);
        Reply(laptop, CallWord.CallDecline);
        Assert.Empty(phone.Told());
    }

    [Fact]
    public void An_offer_that_is_said_again_rings_once_and_another_one_follows_the_first()
    {
        var phone = _scene.Connect(_scene.Bob);
        Offer("1");
        Assert.True(Offer("1"));
        Assert.Equal(["CallOffer 1"], phone.Told());
        Assert.Single(_scene.Push.Rung);
        Assert.True(Offer("2"));
        Assert.Equal(["CallOffer 2"], phone.Told());
        Assert.Equal(["CallOffer 1", "CallOffer 2"], _scene.Connect(_scene.Bob, 2).Told());
    }

    [Fact]
    public void Others_find_no_call()
    {
        var (bob, eve, laptop) = (_scene.Connect(_scene.Bob), _scene.Connect(Ids.NewUserId()), _scene.Connect(_scene.Alice, 2));
        Offer();
        bob.Told();
        foreach (var word in Enum.GetValues<CallWord>())
        {
            Assert.Equal("not_found", _scene.Try(eve, _scene.Bob, _call, word).Error!.Code);
            Assert.Equal("not_found", _scene.Try(eve, _scene.Alice, _call, word).Error!.Code);
            Assert.Equal("not_found", _scene.Try(laptop, _scene.Bob, _call, word).Error!.Code);
            Assert.Equal("not_found", _scene.Try(bob, eve.Caller.UserId, _call, word).Error!.Code);
        }
        Assert.Empty(bob.Told());
        Assert.Empty(_alice.Told());
        Assert.True(Reply(bob, CallWord.CallAnswer));
    }

    [Fact]
    public void A_call_that_is_not_known_is_begun_by_an_offer_alone()
    {
        var bob = _scene.Connect(_scene.Bob);
        foreach (var word in (CallWord[])[CallWord.CallRinging, CallWord.CallDecline, CallWord.CallBusy, CallWord.CallHangup])
        {
            Assert.False(_scene.Say(_alice, _scene.Bob, _call, word));
        }
        Assert.Equal("not_found", _scene.Try(_alice, _scene.Bob, _call, CallWord.CallAnswer).Error!.Code);
        Assert.Equal("not_found", _scene.Try(_alice, _scene.Bob, _call, CallWord.CallOffer, isAllowed: false).Error!.Code);
        Assert.Equal("not_found", _scene.Try(_alice, _scene.Bob, _call, CallWord.IceCandidate, isAllowed: false).Error!.Code);
        Assert.Equal(0, _scene.Table.Count);
        Assert.Empty(bob.Told());
    }

    [Fact]
    public void So_many_calls_ring_at_once()
    {
        var calls = Enumerable.Range(0, 8).Select(_ => _scene.NewCall()).ToList();
        calls.ForEach(call => _scene.Say(_alice, _scene.Bob, call, CallWord.CallOffer));
        Assert.Equal("limit_reached", _scene.Try(_alice, _scene.Bob, _scene.NewCall(), CallWord.CallOffer).Error!.Code);
        _scene.Say(_alice, _scene.Bob, calls[0], CallWord.CallHangup);
        Assert.False(_scene.Say(_alice, _scene.Bob, _scene.NewCall(), CallWord.CallOffer));
    }

    [Fact]
    public void Calls_that_are_over_make_room_for_others()
    {
        for (var i = 0; i < 100; i++)
        {
            var call = _scene.NewCall();
            _scene.Say(_alice, _scene.Bob, call, CallWord.CallOffer);
            _scene.Say(_alice, _scene.Bob, call, CallWord.CallHangup);
        }
        Assert.InRange(_scene.Table.Count, 1, 32);
    }

    [Fact]
    public void A_caller_who_is_gone_has_some_seconds_to_come_back()
    {
        var phone = _scene.Connect(_scene.Bob);
        Offer();
        _scene.Table.Disconnect(_alice);
        _scene.Pass(14);
        var again = _scene.Connect(_scene.Alice);
        _scene.Pass(20);
        Assert.Equal(["CallOffer {}"], phone.Told());
        _scene.Table.Disconnect(again);
        // Another device of the same person is not the one that calls.
        _scene.Connect(_scene.Alice, 2);
        _scene.Pass(14);
        Assert.Empty(phone.Told());
        _scene.Pass(1);
        Assert.Equal(["""CallHangup {"reason":"caller_gone"}"""], phone.Told());
        Assert.Equal(["""CallHangup {"reason":"caller_gone"}"""], _scene.Connect(_scene.Alice).Told());
        Assert.Single(_scene.Push.Stopped);
    }

    [Fact]
    public void A_caller_between_two_networks_gets_the_answer_later()
    {
        var phone = _scene.Connect(_scene.Bob);
        Offer();
        _scene.Table.Disconnect(_alice);
        Assert.False(Reply(phone, CallWord.CallRinging));
        Assert.False(Reply(phone, CallWord.CallAnswer, "1"));
        Assert.False(Reply(phone, CallWord.IceCandidate, "2"));
        var again = _scene.Connect(_scene.Alice);
        Assert.Equal(["CallRinging {}", "CallAnswer 1", "IceCandidate 2"], again.Told());
        Assert.Empty(_scene.Connect(_scene.Alice).Told());
        _scene.Pass(60);
        Assert.Empty(again.Told());
    }

    [Fact]
    public void A_socket_that_is_about_to_end_counts_as_none()
    {
        var phone = _scene.Connect(_scene.Bob);
        phone.IsClosing = true;
        Assert.False(Offer("0"));
        Assert.Equal(["CallOffer 0"], _scene.Connect(_scene.Bob).Told());
    }

    [Fact]
    public void Who_is_blocked_rings_no_more_and_does_not_learn_why()
    {
        var phone = _scene.Connect(_scene.Bob);
        Offer();
        phone.Told();
        _scene.Table.EndBetween(_scene.Bob, _scene.Alice);
        Assert.Equal(["CallUnavailable null"], _alice.Told());
        Assert.Equal(["""CallHangup {"reason":"ended"}"""], phone.Told());
        Assert.Single(_scene.Push.Stopped);
    }

    private bool Offer(string payload = "{}") => _scene.Say(_alice, _scene.Bob, _call, CallWord.CallOffer, payload);

    private bool Candidate(string payload) => _scene.Say(_alice, _scene.Bob, _call, CallWord.IceCandidate, payload);

    private bool Reply(Phone phone, CallWord word, string payload = "{}") => _scene.Say(phone, _scene.Alice, _call, word, payload);
}

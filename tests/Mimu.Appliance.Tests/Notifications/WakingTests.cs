using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Mimu.Appliance.Push;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core;
using Mimu.Core.Devices;
using Mimu.Core.Push;
using Mimu.PushStandIns;

namespace Mimu.Appliance.Tests.Notifications;

/// <summary>Who is woken, when, and what becomes of a push that fails (protocol 11.2, 11.3); before a push service that speaks the protocol.</summary>
public sealed class WakingTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 23, 8, 0, 0, TimeSpan.Zero));
    private WebPushStandIn _service = null!;
    private Host _host = null!;
    private Person _alice = null!;
    private Person _bob = null!;
    private StandInSubscription _subscription = null!;
    private string _chat = "";

    public async Task InitializeAsync()
    {
        _service = await WebPushStandIn.StartAsync(_clock);
        _host = await StartAsync();
        (_alice, _bob) = (await _host.RegisterAsync("alice"), await _host.RegisterAsync("bob"));
        _subscription = _service.Subscribe();
        _service.ServerKey = (string)(await _bob.Http.GetAsync("/api/v1/notifications/vapid-key")).Expect(200)["public_key"]!;
        await _bob.RegisterPushAsync(_subscription);
        _chat = await _alice.CreateDirectAsync(_bob);
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        await _service.DisposeAsync();
        Assert.Empty(_service.Faults);
    }

    [Fact]
    public async Task A_message_wakes_who_is_away_and_a_burst_is_one_push()
    {
        var answer = new TaskCompletionSource();
        _service.Hold = answer.Task;
        await _alice.SendAsync(_chat, "hello");
        await ExpectPushAsync();
        for (var i = 0; i < 5; i++)
        {
            await _alice.SendAsync(_chat, "while it is being sent");
        }
        answer.SetResult();
        await Deadline.Until("the next push to wait", () => Due() == _clock.GetUtcNow() + PushSettings.Pause);
        await _alice.SendAsync(_chat, "one more");
        await ExpectNoPushAsync();
        await ExpectPushInTimeAsync();
        await SettleAsync();
        _clock.Advance(PushSettings.Pause);
        await ExpectNoPushAsync();
    }

    [Fact]
    public async Task Who_has_a_socket_is_not_pushed_and_their_other_device_is()
    {
        var tablet = await _bob.LinkAsync();
        var other = _service.Subscribe();
        await tablet.RegisterPushAsync(other);
        await using var socket = await _bob.ConnectAsync();
        await _alice.SendAsync(_chat, "hello");
        await socket.ExpectAsync("NewMessage");
        Assert.Equal(other.Path, (await ExpectPushAsync()).Token);
        await SettleAsync();
        await ExpectNoPushAsync();
    }

    [Fact]
    public async Task Who_sends_is_not_woken_for_it()
    {
        await _alice.RegisterPushAsync(_service.Subscribe());
        await _alice.SendAsync(_chat, "hello");
        Assert.Equal(_subscription.Path, (await ExpectPushAsync()).Token);
        await SettleAsync();
        await ExpectNoPushAsync();
    }

    [Fact]
    public async Task A_device_that_has_connected_meanwhile_is_not_pushed_any_more()
    {
        _service.Answer = _ => new StandInAnswer(503);
        await _alice.SendAsync(_chat, "hello");
        await ExpectPushAsync();
        await FailedAsync(1);
        await using var socket = await _bob.ConnectAsync();
        _clock.Advance(TimeSpan.FromMinutes(1));
        await SettleAsync();
        await ExpectNoPushAsync();
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    public async Task A_dead_subscription_is_removed(int status)
    {
        _service.Answer = _ => new StandInAnswer(status);
        await _alice.SendAsync(_chat, "hello");
        await ExpectPushAsync();
        await SettleAsync();
        Assert.Empty(await _bob.ListPushAsync());
    }

    [Fact]
    public async Task What_is_not_accepted_for_our_own_fault_is_dropped_and_the_next_message_is_pushed()
    {
        _service.Answer = _ => new StandInAnswer(400);
        await _alice.SendAsync(_chat, "hello");
        await ExpectPushAsync();
        await SettleAsync();
        Assert.Single(await _bob.ListPushAsync());
        _service.Answer = null;
        await _alice.SendAsync(_chat, "hello");
        await ExpectPushAsync();
    }

    [Fact]
    public async Task A_failure_is_tried_again_when_the_service_wants_it()
    {
        _service.Answer = _ => new StandInAnswer(503, "", ("Retry-After", "120"));
        await _alice.SendAsync(_chat, "hello");
        await ExpectPushAsync();
        await FailedAsync(1);
        _service.Answer = null;
        _clock.Advance(TimeSpan.FromSeconds(119));
        await ExpectNoPushAsync();
        // With half of it as jitter.
        Assert.InRange(Due()!.Value - _clock.GetUtcNow(), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(61));
        await ExpectPushInTimeAsync();
        await SettleAsync();
    }

    [Fact]
    public async Task Failures_are_tried_again_less_and_less_often_until_their_time_is_over()
    {
        _service.Answer = _ => new StandInAnswer(500);
        await _alice.SendAsync(_chat, "hello");
        var last = _clock.GetUtcNow();
        var longest = TimeSpan.Zero;
        await ExpectPushAsync();
        for (var failures = 1; failures <= 6; failures++)
        {
            await FailedAsync(failures);
            var due = Due()!.Value;
            var pause = due - last;
            // Time may go on for some steps while a push is under way.
            Assert.InRange(pause, TimeSpan.FromSeconds((10 * (1 << (failures - 1))) - 3), TimeSpan.FromSeconds(15 * (1 << (failures - 1)) + 1));
            longest = pause > longest ? pause : longest;
            await ExpectPushInTimeAsync();
            last = _clock.GetUtcNow();
        }
        Assert.True(longest > TimeSpan.FromMinutes(5));
        await Deadline.Until("the wake-up to be given up", () =>
        {
            _clock.Advance(TimeSpan.FromDays(8));
            return Due() is null;
        });
    }

    [Fact]
    public async Task What_waits_survives_a_restart()
    {
        _service.Answer = _ => StandInAnswer.Silence;
        await _alice.SendAsync(_chat, "hello");
        await ExpectPushAsync();
        await _host.StopAsync();
        var directory = _host.DataDirectory;
        await _host.CloseDatabaseAsync();
        _service.Answer = null;
        await using (await StartAsync(directory))
        {
            await ExpectPushAsync();
            await SettleAsync();
        }
    }

    [Fact]
    public async Task A_socket_that_is_lost_wakes_for_what_it_may_not_have_got()
    {
        var socket = await _bob.ConnectAsync();
        await _alice.SendAsync(_chat, "hello");
        await socket.ExpectAsync("NewMessage");
        socket.Abort();
        await Deadline.Until("a wake-up to wait", () => Due() is not null);
        await ExpectNoPushAsync();
        await ExpectPushInTimeAsync();
        await SettleAsync();
        await socket.DisposeAsync();
    }

    [Fact]
    public async Task A_call_is_pushed_past_what_waits_and_again_while_it_rings()
    {
        var calls = _host.Services.GetRequiredService<ICallPush>();
        var (bob, call) = (new UserId(Guid.Parse(_bob.UserId)), Guid.NewGuid());
        _service.Answer = _ => new StandInAnswer(503);
        // Longer than calls ring, since this test's time passes in leaps.
        calls.Ring(bob, device: null, DeviceSet.None, call, _clock.GetUtcNow() + TimeSpan.FromDays(1));
        Assert.Equal("call", (await ExpectPushAsync()).Kind);
        await Deadline.Until("the failure to be counted", () => Counted(PushKind.Call, PushResult.Retry) == 1);
        _service.Answer = null;
        ReceivedPush? again = null;
        // The pause begins when the answer has come.
        await Deadline.Until("the call to be pushed again", () =>
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            return _service.Pushes.Count == 2 && (again = _service.Pushes.Last()) is not null;
        });
        Assert.Equal("call", again!.Kind);

        // One that is over is pushed no more, nor one for a device that is online, nor for another device.
        await Deadline.Until("the call to be counted", () => Counted(PushKind.Call, PushResult.Accepted) == 1);
        calls.Ring(bob, device: null, DeviceSet.None.With(1), Guid.NewGuid(), _clock.GetUtcNow() + TimeSpan.FromSeconds(60));
        calls.Ring(bob, device: 2, DeviceSet.None, Guid.NewGuid(), _clock.GetUtcNow() + TimeSpan.FromSeconds(60));
        await _alice.SendAsync(_chat, "hello");
        await Deadline.Until("the message to be pushed", () => _service.Pushes.Count == 3);
        Assert.Equal("fetch", _service.Pushes.Last().Kind);
    }

    private Task<Host> StartAsync(string? directory = null) => Host.Start(options => options.Push.WebPush.AllowPrivateEndpoints = true, _clock, directory);

    private Task<ReceivedPush> ExpectPushAsync() => _service.NextAsync(Deadline.Usual);

    /// <summary>Has time pass until a push comes: a leap would miss a timer that is just being set.</summary>
    private async Task ExpectPushInTimeAsync()
    {
        var before = _service.Pushes.Count;
        await Deadline.Until("a push", () =>
        {
            // Not while one is under way, whose lease would end.
            if (_host.Sql("SELECT 1 FROM push_queue WHERE is_sending = 0") is not null)
            {
                _clock.Advance(TimeSpan.FromSeconds(1));
            }
            return _service.Pushes.Count > before;
        });
        await ExpectPushAsync();
    }

    /// <summary>What was asked for so far has been noted, and nothing waits.</summary>
    private Task SettleAsync() => Deadline.Until("nothing to wait any more", () => (long)_host.Sql("SELECT count(*) FROM push_queue")! == 0);

    private Task FailedAsync(int times) =>
        Deadline.Until($"failure {times} to be noted", () => _host.Sql("SELECT max(attempts) FROM push_queue WHERE is_sending = 0") is long failures && failures == times);

    private DateTimeOffset? Due() => _host.Sql("SELECT min(due_at) FROM push_queue") is long due ? DateTimeOffset.FromUnixTimeMilliseconds(due) : null;

    /// <summary>The lane has looked and found nothing: it answers to another's message only then.</summary>
    private async Task ExpectNoPushAsync()
    {
        var carol = await _host.RegisterAsync("carol");
        var marker = _service.Subscribe();
        await carol.RegisterPushAsync(marker);
        var answer = _service.Answer;
        _service.Answer = null;
        await _alice.SendAsync(await _alice.CreateDirectAsync(carol), "marker");
        Assert.Equal(marker.Path, (await ExpectPushAsync()).Token);
        _service.Answer = answer;
        await Deadline.Until("the marker to be noted", () => (long)_host.Sql("SELECT count(*) FROM push_queue q JOIN push_registrations r USING (registration_id) WHERE r.token = @token", ("@token", marker.Endpoint))! == 0);
    }

    private long Counted(PushKind kind, PushResult result) =>
        _host.Services.GetRequiredService<PushCounts>().All.Where(one => one.Kind == kind && one.Result == result).Sum(one => one.Count);
}

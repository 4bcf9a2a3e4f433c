using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Devices;
using Mimu.Core.Push;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IPushStore"/> promises.</summary>
public abstract class PushStoreSpec : StorageSpec
{
    private static readonly PushSettings _settings = new(TimeSpan.FromDays(7), [PushPlatform.Fcm, PushPlatform.Apns]);
    private static readonly DateTimeOffset _now = Sample.Now;

    private Account _alice = null!;
    private Account _bob = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        (_alice, _bob) = (Sample.Account("alice"), Sample.Account("bob"));
        await WriteAsync(async tx =>
        {
            foreach (var account in (Account[])[_alice, _bob])
            {
                await tx.Accounts.AddAsync(account);
                await tx.Devices.AddAsync(Sample.Device(account.Id));
                await tx.Devices.AddAsync(Sample.Device(account.Id, 127));
            }
        });
    }

    [Fact]
    public async Task What_is_registered_is_found_by_its_token_and_listed()
    {
        var full = new PushRegistration(Ids.NewRegistrationId(_now), _alice.Id, 127, new PushTarget(PushPlatform.Apns, "a", "v", Sandbox: true, [1, 2], [3]), _now, _now.AddHours(1));
        var plain = Sample.Registration(_alice.Id, "a") with { CreatedAt = _now.AddSeconds(-1) };
        await PutAsync(full);
        await PutAsync(plain);
        Alike.Equal(full, await ReadAsync(tx => tx.Push.FindAsync(PushPlatform.Apns, "a")));
        Assert.Null(await ReadAsync(tx => tx.Push.FindAsync(PushPlatform.WebPush, "a")));
        Alike.Equal((PushRegistration[])[plain, full], await ReadAsync(tx => tx.Push.ListAsync(_alice.Id)));
        Assert.Empty(await ReadAsync(tx => tx.Push.ListAsync(_bob.Id)));
    }

    [Fact]
    public async Task A_registration_can_be_renewed_and_takes_its_VoIP_token_from_others()
    {
        var old = Sample.Registration(_bob.Id, "b", PushPlatform.Apns);
        await PutAsync(old with { Target = old.Target with { VoipToken = "v" } });
        var mine = Sample.Registration(_alice.Id, "a", PushPlatform.Apns);
        await PutAsync(mine);
        var renewed = mine with { DeviceId = 127, Target = mine.Target with { VoipToken = "v", Sandbox = true }, RegisteredAt = _now.AddDays(1) };
        await PutAsync(renewed);
        Alike.Equal((PushRegistration[])[renewed], await ReadAsync(tx => tx.Push.ListAsync(_alice.Id)));
        Alike.Equal((PushRegistration[])[old], await ReadAsync(tx => tx.Push.ListAsync(_bob.Id)));
    }

    [Fact]
    public async Task Nobody_removes_what_is_not_theirs_and_what_goes_takes_its_wake_up_along()
    {
        var mine = Sample.Registration(_alice.Id, "a");
        await PutAsync(mine);
        Assert.True(await QueueAsync(_alice.Id));
        Assert.False(await WriteAsync(tx => tx.Push.RemoveAsync(_bob.Id, mine.Id)));
        Assert.True(await WriteAsync(tx => tx.Push.RemoveAsync(_alice.Id, mine.Id)));
        Assert.False(await WriteAsync(tx => tx.Push.RemoveAsync(_alice.Id, mine.Id)));
        Assert.Null(await NextDueAsync());
        Assert.False(await QueueAsync(_alice.Id));
    }

    [Fact]
    public async Task A_device_that_goes_or_is_signed_out_takes_its_registrations_along()
    {
        var (first, linked) = (Sample.Registration(_alice.Id, "a"), Sample.Registration(_alice.Id, "b", deviceId: 127));
        var sessions = new[] { Sample.Session(_alice.Id), Sample.Session(_alice.Id) };
        await WriteAsync(async tx =>
        {
            foreach (var session in sessions)
            {
                await tx.Sessions.AddAsync(session, Sample.Token(session.Id));
            }
        });
        await PutAsync(first);
        await PutAsync(linked);
        await WriteAsync(tx => tx.Sessions.EndAsync(sessions[0].Id));
        Assert.Equal(2, (await ReadAsync(tx => tx.Push.ListAsync(_alice.Id))).Count);
        await WriteAsync(tx => tx.Sessions.EndAsync(sessions[1].Id));
        Alike.Equal((PushRegistration[])[linked], await ReadAsync(tx => tx.Push.ListAsync(_alice.Id)));
        await WriteAsync(tx => tx.Devices.RemoveAsync(_alice.Id, 127));
        Assert.Empty(await ReadAsync(tx => tx.Push.ListAsync(_alice.Id)));
    }

    [Fact]
    public async Task One_wake_up_waits_for_each_registration_however_much_comes()
    {
        await PutAsync(Sample.Registration(_alice.Id, "a"));
        await PutAsync(Sample.Registration(_alice.Id, "b", PushPlatform.Apns, 127));
        await PutAsync(Sample.Registration(_alice.Id, "c", PushPlatform.WebPush));
        await PutAsync(Sample.Registration(_bob.Id, "d"));
        Assert.True(await QueueAsync(_alice.Id));
        Assert.False(await QueueAsync(_alice.Id));
        // There is no sender for Web Push.
        Assert.Equal(["a"], Tokens(await TakeAsync()));
        Assert.Equal(["b"], Tokens(await TakeAsync(PushPlatform.Apns)));
        Assert.Empty(await TakeAsync(PushPlatform.WebPush));
        var counts = await ReadAsync(tx => tx.Push.CountAsync());
        Assert.Equal([(PushPlatform.Fcm, 2, 1), (PushPlatform.Apns, 1, 1), (PushPlatform.WebPush, 1, 0)], counts.Select(one => (one.Platform, one.Registrations, one.Waiting)));
    }

    [Theory]
    [InlineData(1, 127)]
    [InlineData(127, 1)]
    public async Task Devices_that_are_online_need_none(int online, int other)
    {
        await PutAsync(Sample.Registration(_alice.Id, "1", deviceId: 1));
        await PutAsync(Sample.Registration(_alice.Id, "127", deviceId: 127));
        Assert.False(await QueueAsync(_alice.Id, DeviceSet.None.With(1).With(127)));
        Assert.True(await QueueAsync(_alice.Id, DeviceSet.None.With(online)));
        Assert.Equal([$"{other}"], Tokens(await TakeAsync()));
        Assert.True(await QueueAsync(_alice.Id, DeviceSet.AllBut(online)));
        Assert.Equal([$"{online}"], Tokens(await TakeAsync()));
    }

    [Fact]
    public async Task What_is_taken_is_due_again_when_its_lease_is_over_or_the_server_starts_again()
    {
        await PutAsync(Sample.Registration(_alice.Id, "a"));
        await QueueAsync(_alice.Id);
        Assert.Equal(_now, await NextDueAsync());
        var wakeUp = Assert.Single(await TakeAsync());
        Assert.Equal((0, _now + _settings.Ttl), (wakeUp.Attempts, wakeUp.ExpiresAt));
        Assert.Equal(_now.AddMinutes(2), await NextDueAsync());
        Assert.Empty(await TakeAsync());
        Assert.Single(await TakeAsync(now: _now.AddMinutes(2)));
        await WriteAsync(tx => tx.Push.ResumeAsync(_now.AddSeconds(1)));
        Assert.Empty(await TakeAsync());
        Assert.Single(await TakeAsync(now: _now.AddSeconds(1)));
    }

    [Fact]
    public async Task After_a_push_the_next_waits_and_what_came_meanwhile_is_not_forgotten()
    {
        var registration = Sample.Registration(_alice.Id, "a");
        await PutAsync(registration);
        await QueueAsync(_alice.Id);
        await TakeAsync();
        Assert.True(await QueueAsync(_alice.Id, due: _now.AddSeconds(1)));
        await SentAsync(registration, _now.AddSeconds(2));
        Assert.Equal(_now.AddSeconds(7), await NextDueAsync());

        await TakeAsync(now: _now.AddSeconds(7));
        await SentAsync(registration, _now.AddSeconds(7));
        Assert.Null(await NextDueAsync());
        Assert.True(await QueueAsync(_alice.Id, due: _now.AddSeconds(8)));
        Assert.Equal(_now.AddSeconds(12), await NextDueAsync());

        await TakeAsync(now: _now.AddSeconds(12));
        await SentAsync(registration, _now.AddSeconds(12));
        await QueueAsync(_alice.Id, due: _now.AddSeconds(60));
        Assert.Equal(_now.AddSeconds(60), await NextDueAsync());
    }

    [Fact]
    public async Task What_waits_lives_longer_by_what_comes_and_is_sent_as_early_as_that_may_be()
    {
        var registration = Sample.Registration(_alice.Id, "a");
        await PutAsync(registration);
        await QueueAsync(_alice.Id, due: _now.AddSeconds(5));
        Assert.True(await QueueAsync(_alice.Id));
        Assert.Equal(_now, await NextDueAsync());
        await TakeAsync();
        await WriteAsync(tx => tx.Push.PostponeAsync(registration.Id, _now.AddHours(2)));
        Assert.True(await QueueAsync(_alice.Id, due: _now.AddHours(1).AddSeconds(1)));
        Assert.Equal(_now.AddHours(2), await NextDueAsync());
        Assert.Equal(_now.AddHours(1).AddSeconds(1) + _settings.Ttl, Assert.Single(await TakeAsync(now: _now.AddHours(2))).ExpiresAt);
    }

    [Fact]
    public async Task A_wake_up_that_is_given_up_takes_nothing_along_that_came_meanwhile()
    {
        var registration = Sample.Registration(_alice.Id, "a");
        await PutAsync(registration);
        await QueueAsync(_alice.Id);
        await TakeAsync();
        await WriteAsync(tx => tx.Push.GiveUpAsync(registration.Id, _now));
        Assert.Null(await NextDueAsync());
        await QueueAsync(_alice.Id);
        await TakeAsync();
        await QueueAsync(_alice.Id);
        await WriteAsync(tx => tx.Push.GiveUpAsync(registration.Id, _now));
        Assert.Equal(_now.AddSeconds(5), await NextDueAsync());
        await TakeAsync(now: _now.AddSeconds(5));
        await WriteAsync(tx => tx.Push.GiveBackAsync(registration.Id, _now.AddSeconds(6)));
        Assert.Equal(_now.AddSeconds(6), await NextDueAsync());
        Assert.Equal(0, Assert.Single(await TakeAsync(now: _now.AddSeconds(6))).Attempts);
    }

    [Fact]
    public async Task A_server_that_dies_while_something_new_comes_sends_it_at_once_after_its_start()
    {
        await PutAsync(Sample.Registration(_alice.Id, "a"));
        await QueueAsync(_alice.Id);
        await TakeAsync();
        await QueueAsync(_alice.Id);
        await WriteAsync(tx => tx.Push.ResumeAsync(_now));
        Assert.Single(await TakeAsync());
    }

    [Fact]
    public async Task A_clock_that_was_set_back_silences_nobody()
    {
        var (pushed, waiting) = (Sample.Registration(_alice.Id, "pushed"), Sample.Registration(_bob.Id, "waiting"));
        await PutAsync(pushed);
        await PutAsync(waiting);
        var later = _now.AddDays(365);
        await QueueAsync(_alice.Id, due: later);
        await TakeAsync(now: later);
        await SentAsync(pushed, later);
        await QueueAsync(_alice.Id);
        Assert.Equal(_now, await NextDueAsync());
        await TakeAsync();

        await QueueAsync(_bob.Id, due: later);
        await TakeAsync(now: later);
        await WriteAsync(tx => tx.Push.PostponeAsync(waiting.Id, later.AddMinutes(1)));
        Assert.True(await QueueAsync(_bob.Id));
        Assert.Contains("waiting", Tokens(await TakeAsync()));
        await WriteAsync(tx => tx.Push.PostponeAsync(waiting.Id, later.AddMinutes(1)));
        await WriteAsync(tx => tx.Push.ResumeAsync(_now));
        Assert.Contains("waiting", Tokens(await TakeAsync()));
    }

    [Fact]
    public async Task What_failed_is_due_later_and_counts_its_failures()
    {
        var registration = Sample.Registration(_alice.Id, "a");
        await PutAsync(registration);
        await QueueAsync(_alice.Id);
        await TakeAsync();
        await WriteAsync(tx => tx.Push.PostponeAsync(registration.Id, _now.AddMinutes(1)));
        Assert.Equal(_now.AddMinutes(1), await NextDueAsync());
        Assert.False(await QueueAsync(_alice.Id));
        Assert.Equal(_now.AddMinutes(1), await NextDueAsync());
        Assert.Equal(1, Assert.Single(await ReadAsync(tx => tx.Push.CountAsync())).Failing);
        Assert.Equal(1, Assert.Single(await TakeAsync(now: _now.AddMinutes(1))).Attempts);
        await WriteAsync(tx => tx.Push.DropAsync(registration.Id));
        Assert.Null(await NextDueAsync());
    }

    [Fact]
    public async Task The_longest_waiting_is_taken_first()
    {
        foreach (var (token, seconds) in ((string, int)[])[("late", 3), ("first", 1), ("second", 2)])
        {
            var account = await WriteAsync(tx => tx.AddAccountAsync($"one_{token}"));
            await PutAsync(Sample.Registration(account.Id, token));
            await QueueAsync(account.Id, due: _now.AddSeconds(seconds));
        }
        Assert.Equal(["first", "second"], Tokens(await TakeAsync(now: _now.AddSeconds(3), limit: 2)));
        Assert.Equal(["late"], Tokens(await TakeAsync(now: _now.AddSeconds(3), limit: 2)));
    }

    [Fact]
    public async Task A_dead_token_goes_unless_it_was_registered_since()
    {
        var registration = Sample.Registration(_alice.Id, "a", PushPlatform.Apns);
        registration = registration with { Target = registration.Target with { VoipToken = "v" } };
        await PutAsync(registration);
        Assert.False(await WriteAsync(tx => tx.Push.RemoveDeadVoipTokenAsync(registration.Id, _now.AddMilliseconds(-1))));
        Assert.True(await WriteAsync(tx => tx.Push.RemoveDeadVoipTokenAsync(registration.Id, _now)));
        Assert.Null((await ReadAsync(tx => tx.Push.FindAsync(PushPlatform.Apns, "a")))!.Target.VoipToken);
        Assert.False(await WriteAsync(tx => tx.Push.RemoveDeadAsync(registration.Id, _now.AddMilliseconds(-1))));
        Assert.True(await WriteAsync(tx => tx.Push.RemoveDeadAsync(registration.Id, _now)));
        Assert.Null(await ReadAsync(tx => tx.Push.FindAsync(PushPlatform.Apns, "a")));
    }

    [Fact]
    public async Task Who_has_registrations_is_known_after_work_that_was_undone()
    {
        await PutAsync(Sample.Registration(_alice.Id, "a"));
        await Database.WriteAsync<Done>(async tx =>
        {
            await tx.Push.RemoveAsync(_alice.Id, (await tx.Push.ListAsync(_alice.Id))[0].Id);
            await tx.Push.QueueAsync(_alice.Id, DeviceSet.None, _settings, _now);
            return Errors.NotFound;
        });
        Assert.True(await QueueAsync(_alice.Id));
    }

    private Task PutAsync(PushRegistration registration) => WriteAsync(tx => tx.Push.PutAsync(registration));

    private Task<bool> QueueAsync(UserId user, DeviceSet online = default, DateTimeOffset? due = null) => WriteAsync(tx => tx.Push.QueueAsync(user, online, _settings, due ?? _now));

    private Task<IReadOnlyList<WakeUp>> TakeAsync(PushPlatform platform = PushPlatform.Fcm, DateTimeOffset? now = null, int limit = 10) =>
        WriteAsync(tx => tx.Push.TakeAsync(platform, now ?? _now, (now ?? _now).AddMinutes(2), limit));

    private Task SentAsync(PushRegistration registration, DateTimeOffset now) => WriteAsync(tx => tx.Push.SentAsync(registration.Id, now));

    private Task<DateTimeOffset?> NextDueAsync() => ReadAsync(tx => tx.Push.FindNextDueAsync(PushPlatform.Fcm));

    private static IEnumerable<string> Tokens(IReadOnlyList<WakeUp> wakeUps) => wakeUps.Select(one => one.Registration.Target.Token);
}

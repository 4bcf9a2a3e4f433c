using Mimu.Core;
using Mimu.Core.Chats;
using Mimu.Core.Events;
using Mimu.Core.Storage;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IPubSub"/> promises.</summary>
public abstract class PubSubSpec
{
    private readonly IPubSub _pubSub;
    private readonly UserId _alice = Ids.NewUserId();
    private readonly UserId _bob = Ids.NewUserId();
    private long _position;

    protected PubSubSpec() => _pubSub = Open();

    /// <summary>A pub/sub that nobody listens to yet. Called once a test, before anything else.</summary>
    protected abstract IPubSub Open();

    [Fact]
    public async Task Subscribers_are_told_the_events_of_their_user_in_order()
    {
        var recorder = new Recorder();
        using var subscription = _pubSub.Subscribe(_alice, recorder);
        var published = Enumerable.Range(0, 100).Select(_ => PublishTo(_alice)).ToList();

        var told = await recorder.ExpectAsync(100);

        Assert.Equal(published.Select(one => one.Cursor), told.Select(one => one.Cursor));
    }

    [Fact]
    public async Task An_event_reaches_its_whole_audience_and_nobody_else()
    {
        var (alice, bob, carol) = (new Recorder(), new Recorder(), new Recorder());
        using var first = _pubSub.Subscribe(_alice, alice);
        using var second = _pubSub.Subscribe(_bob, bob);
        using var third = _pubSub.Subscribe(Ids.NewUserId(), carol);

        var both = PublishTo(_alice, _bob);
        var one = PublishTo(_bob);

        Assert.Equal([both.Cursor, one.Cursor], (await bob.ExpectAsync(2)).Select(told => told.Cursor));
        Assert.Equal([both.Cursor], (await alice.ExpectAsync(1)).Select(told => told.Cursor));
        Assert.Empty(carol.Told);
    }

    [Fact]
    public async Task All_subscribers_of_a_user_are_told()
    {
        var recorders = Enumerable.Range(0, 10).Select(_ => new Recorder()).ToList();
        foreach (var recorder in recorders)
        {
            _pubSub.Subscribe(_alice, recorder);
        }

        var published = PublishTo(_alice);

        foreach (var recorder in recorders)
        {
            Assert.Equal(published.Cursor, Assert.Single(await recorder.ExpectAsync(1)).Cursor);
        }
    }

    [Fact]
    public async Task Subscribers_of_one_process_share_the_publication_so_that_it_is_encoded_once()
    {
        var (phone, desktop, bob) = (new Recorder { Hook = told => told.Encoded = "made by the first" }, new Recorder(), new Recorder());
        using var first = _pubSub.Subscribe(_alice, phone);
        using var second = _pubSub.Subscribe(_alice, desktop);
        using var third = _pubSub.Subscribe(_bob, bob);

        PublishTo(_alice, _bob);

        Assert.Same(Assert.Single(await phone.ExpectAsync(1)), Assert.Single(await desktop.ExpectAsync(1)));
        Assert.Equal("made by the first", Assert.Single(await bob.ExpectAsync(1)).Encoded);
    }

    [Fact]
    public async Task Who_is_disposed_of_is_told_nothing_more_and_the_others_are()
    {
        var (gone, staying) = (new Recorder(), new Recorder());
        var subscription = _pubSub.Subscribe(_alice, gone);
        using var other = _pubSub.Subscribe(_alice, staying);
        PublishTo(_alice);
        await gone.ExpectAsync(1);

        subscription.Dispose();
        PublishTo(_alice);

        await staying.ExpectAsync(2);
        Assert.Single(gone.Told);
    }

    [Fact]
    public async Task Two_subscriptions_of_one_subscriber_end_apart()
    {
        var recorder = new Recorder();
        var first = _pubSub.Subscribe(_alice, recorder);
        using var second = _pubSub.Subscribe(_alice, recorder);

        first.Dispose();
        first.Dispose();
        var published = PublishTo(_alice);

        Assert.Equal(published.Cursor, Assert.Single(await recorder.ExpectAsync(1)).Cursor);
    }

    [Fact]
    public void Publishing_to_nobody_is_nothing()
    {
        PublishTo();
        PublishTo(_alice);
    }

    [Fact]
    public async Task Who_stays_misses_nothing_while_others_come_and_go()
    {
        var staying = new Recorder();
        using var subscription = _pubSub.Subscribe(_alice, staying);
        using var stop = new CancellationTokenSource();
        var coming = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                _pubSub.Subscribe(_alice, new Recorder()).Dispose();
            }
        })).ToArray();

        var published = Enumerable.Range(0, 2_000).Select(_ => PublishTo(_alice)).ToList();
        var told = await staying.ExpectAsync(published.Count);
        await stop.CancelAsync();
        await Task.WhenAll(coming).Within("those who come and go");

        Assert.Equal(published.Select(one => one.Cursor), told.Select(one => one.Cursor));
    }

    [Fact]
    public void Who_asked_is_told_once_that_all_has_been_told_and_who_did_not_is_not()
    {
        var (asking, silent) = (new Asking(asks: 2), new Asking(asks: 0));
        using var first = _pubSub.Subscribe(_alice, asking);
        using var second = _pubSub.Subscribe(_alice, silent);

        _pubSub.Publish([Of(_alice), Of(_alice), Of(_alice, _bob), Of(_bob)]);

        Assert.Equal(["1", "2?", "3", "told"], asking.Heard);
        Assert.Equal(["1", "2", "3"], silent.Heard);
    }

    [Fact]
    public void Whoever_asks_is_told_after_all_that_was_committed_together_and_after_each_time_anew()
    {
        var (alice, bob) = (new Asking(asks: 1), new Asking(asks: 1));
        using var first = _pubSub.Subscribe(_alice, alice);
        using var second = _pubSub.Subscribe(_bob, bob);
        alice.Told = () => Assert.Equal(["1?", "2", "3"], bob.Heard);

        _pubSub.Publish([Of(_alice, _bob), Of(_bob), Of(_bob), Of(_alice)]);

        Assert.Equal(["1?", "4", "told"], alice.Heard);
        Assert.Equal(["1?", "2", "3", "told"], bob.Heard);
        _pubSub.Publish([]);
        Assert.Equal(3, alice.Heard.Count);
    }

    [Fact]
    public void Who_leaves_between_an_event_and_its_end_is_still_told_the_end()
    {
        var leaving = new Asking(asks: 1);
        var subscription = _pubSub.Subscribe(_alice, leaving);
        using var other = _pubSub.Subscribe(_alice, new Recorder { Hook = _ => subscription.Dispose() });

        _pubSub.Publish([Of(_alice)]);

        Assert.Equal(["1?", "told"], leaving.Heard);
    }

    [Fact]
    public async Task Signals_beside_the_stream_are_told_with_an_end_each_and_in_the_order_of_each_thread()
    {
        const int threads = 3, each = 1000;
        var recorder = new Recorder();
        using var subscription = _pubSub.Subscribe(_alice, recorder);
        // The position tells the thread and the place in it.
        await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Deadline.AsideAsync(() =>
        {
            for (var i = 0; i < each; i++)
            {
                _pubSub.Publish([Of((thread * each) + i + 1, _alice)]);
            }
            return Task.FromResult(true);
        }))).Within("all threads");

        var told = recorder.Told.Select(one => one.Cursor!.Value.Position - 1).ToList();
        Assert.Equal(threads * each, recorder.Ends);
        foreach (var thread in Enumerable.Range(0, threads))
        {
            Assert.Equal(Enumerable.Range(thread * each, each).Select(number => (long)number), told.Where(number => number / each == thread));
        }
    }

    private Publication Of(params UserId[] audience) => Of(++_position, audience);

    private static Publication Of(long position, params UserId[] audience) =>
        new(new Cursor(1, position), new ChatCreated(Sample.Chat(ChatType.Group, Sample.Account("alice"))), audience, Origin: null);

    /// <summary>Asks at one of the events to be told the end.</summary>
    private sealed class Asking(int asks) : IEventSubscriber
    {
        public List<string> Heard { get; } = [];

        public Action Told { get; set; } = () => { };

        public bool OnEvent(Publication publication)
        {
            var isAsking = publication.Cursor!.Value.Position == asks;
            Heard.Add(publication.Cursor.Value.Position + (isAsking ? "?" : ""));
            return isAsking;
        }

        public void OnTold()
        {
            Told();
            Heard.Add("told");
        }
    }

    private Publication PublishTo(params UserId[] audience)
    {
        var publication = new Publication(new Cursor(1, ++_position), new ChatCreated(Sample.Chat(ChatType.Group, Sample.Account("alice"))), audience, Origin: null);
        _pubSub.Publish([publication]);
        return publication;
    }
}

using System.Collections.Concurrent;
using Mimu.Specification;
using Xunit;

namespace Mimu.Core.Tests;

public sealed class BoundedCacheTests
{
    private readonly List<string> _letGo = [];
    private readonly BoundedCache<int, string> _cache;

    public BoundedCacheTests() => _cache = new BoundedCache<int, string>(capacity: 3, _letGo.Add);

    [Fact]
    public void What_was_added_is_found_and_nothing_else()
    {
        Assert.True(_cache.TryAdd(1, "one"));

        Assert.True(_cache.TryGet(1, out var value));
        Assert.Equal("one", value);
        Assert.False(_cache.TryGet(2, out _));
    }

    [Fact]
    public void The_first_value_of_a_key_stays()
    {
        _cache.TryAdd(1, "one");

        Assert.False(_cache.TryAdd(1, "another"));

        Assert.Equal("1:one", Kept(1));
        Assert.Empty(_letGo);
    }

    [Fact]
    public void The_oldest_goes_when_there_are_too_many()
    {
        Add(1, 2, 3, 4, 5);

        Assert.Equal("3:3 4:4 5:5", Kept(1, 2, 3, 4, 5));
        Assert.Equal(["1", "2"], _letGo);
    }

    [Fact]
    public void What_was_asked_for_has_a_second_chance_and_no_third()
    {
        Add(1, 2, 3);
        Assert.True(_cache.TryGet(1, out _));

        Add(4);
        Assert.Equal(["2"], _letGo);
        Add(5, 6, 7);
        Assert.Equal(["2", "3", "4", "1"], _letGo);
    }

    [Fact]
    public void A_value_is_removed_only_if_it_is_the_one_that_was_meant()
    {
        var value = new string("one");
        _cache.TryAdd(1, value);

        _cache.Remove(1, new string("one".AsSpan()));
        Assert.True(_cache.TryGet(1, out _));
        _cache.Remove(1, value);
        Assert.False(_cache.TryGet(1, out _));
        _cache.Remove(1, value);
        Assert.Equal(["one"], _letGo);
    }

    [Fact]
    public void A_key_that_was_removed_may_come_back_and_is_not_let_go_of_in_the_place_of_its_former_value()
    {
        var former = new string("former");
        _cache.TryAdd(1, former);
        _cache.Remove(1, former);
        _cache.TryAdd(1, "present");

        Add(2, 3);

        Assert.Equal("1:present 2:2 3:3", Kept(1, 2, 3));
        Assert.Equal(["former"], _letGo);
    }

    [Fact]
    public async Task Whatever_happens_at_once_each_value_is_let_go_of_once_and_no_more_are_kept_than_there_is_room_for()
    {
        var letGo = new ConcurrentBag<string>();
        var cache = new BoundedCache<int, string>(capacity: 50, letGo.Add);
        var added = new ConcurrentBag<string>();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                var (key, value) = (i % 97, $"{worker}/{i}");
                if (cache.TryAdd(key, value))
                {
                    added.Add(value);
                }
                else if (i % 3 == 0 && cache.TryGet(key, out var present))
                {
                    cache.Remove(key, present);
                }
            }
        }))).Within("four workers");

        var kept = Enumerable.Range(0, 97).Select(key => cache.TryGet(key, out var value) ? value : null).OfType<string>().ToList();
        Assert.InRange(kept.Count, 1, 50);
        Assert.Equal(added.Order(), letGo.Concat(kept).Order());
    }

    private void Add(params int[] keys)
    {
        foreach (var key in keys)
        {
            Assert.True(_cache.TryAdd(key, $"{key}"));
        }
    }

    private string Kept(params int[] keys) =>
        string.Join(' ', keys.Select(key => _cache.TryGet(key, out var value) ? $"{key}:{value}" : null).OfType<string>());
}

using Mimu.Appliance.Configuration;
using Mimu.Appliance.Http;
using Mimu.Core;

namespace Mimu.Appliance.Tests.Limits;

public sealed class RateTableTests
{
    private static readonly Rate _rate = new(3, 0.5);

    [Fact]
    public void A_burst_is_let_through_and_the_next_call_is_told_when_to_come_back()
    {
        using var table = new RateTable(_rate);
        var key = RateKey.Of("alice");
        for (var i = 0; i < 3; i++)
        {
            Assert.Null(table.Take(key));
        }
        var wait = table.Take(key);
        Assert.NotNull(wait);
        Assert.InRange(wait.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));
    }

    [Fact]
    public void Each_key_has_a_bucket_of_its_own()
    {
        using var table = new RateTable(_rate);
        for (var i = 0; i < 3; i++)
        {
            table.Take(RateKey.Of("alice"));
        }
        Assert.Null(table.Take(RateKey.Of("bob")));
    }

    [Fact]
    public void Tokens_come_back_with_time()
    {
        // 60,000 a minute: one a millisecond.
        using var table = new RateTable(new Rate(1, 60_000));
        var key = RateKey.Of("alice");
        Assert.Null(table.Take(key));
        Assert.True(SpinWait.SpinUntil(() => table.Take(key) is null, TimeSpan.FromSeconds(10)), "no token came back within 10 s");
    }

    [Fact]
    public void A_flood_of_keys_takes_no_more_memory_than_its_bound_and_lifts_nobodys_limit()
    {
        using var table = new RateTable(_rate);
        var early = RateKey.Of("early");
        for (var i = 0; i < 4; i++)
        {
            table.Take(early);
        }
        var refused = 0;
        for (var i = 0; i < 50_000; i++)
        {
            refused += table.Take(RateKey.Of(new UserId(new Guid(i, 1, 2, new byte[8])))) is null ? 0 : 1;
        }
        Assert.InRange(table.Count, 20_000, 20_256);
        Assert.True(refused > 20_000, $"only {refused} of the flood were refused: newcomers must share buckets");
        Assert.NotNull(table.Take(early));
    }

    [Fact]
    public void A_flood_that_is_over_makes_room_for_newcomers()
    {
        // A bucket is full again after two milliseconds.
        using var table = new RateTable(new Rate(1, 30_000));
        for (var i = 0; i < 20_000; i++)
        {
            table.Take(RateKey.Of(new UserId(new Guid(i, 1, 2, new byte[8]))));
        }
        Assert.True(SpinWait.SpinUntil(() =>
        {
            table.Take(RateKey.Of("late"));
            return table.Count < 20_000;
        }, TimeSpan.FromSeconds(10)), "full buckets were kept for 10 s");
    }
}

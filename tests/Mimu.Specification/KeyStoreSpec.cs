using Mimu.Core.Accounts;
using Mimu.Core.Keys;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IKeyStore"/> promises: above all that nothing is handed out twice.</summary>
public abstract class KeyStoreSpec : StorageSpec
{
    private readonly Account _alice = Sample.Account("alice");

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        await WriteAsync(async tx =>
        {
            await tx.Accounts.AddAsync(_alice);
            await tx.Devices.AddAsync(Sample.Device(_alice.Id, 1));
            await tx.Devices.AddAsync(Sample.Device(_alice.Id, 2));
        });
    }

    [Theory]
    [InlineData(PrekeyKind.OneTime)]
    [InlineData(PrekeyKind.PqOneTime)]
    public async Task One_time_keys_go_the_oldest_first_and_each_once(PrekeyKind kind)
    {
        // Older is what came first, whatever its number.
        Prekey[] keys = [Sample.Prekey(kind, 30), Sample.Prekey(kind, 10), Sample.Prekey(kind, 20)];
        await AddAsync(1, keys);

        foreach (var key in keys)
        {
            Alike.Equal(key, await TakeAsync(1, kind));
        }
        Assert.Null(await TakeAsync(1, kind));
        Assert.Null(await TakeAsync(1, kind));
    }

    [Fact]
    public async Task What_came_later_goes_later()
    {
        await AddAsync(1, Sample.Prekey(PrekeyKind.OneTime, 9));
        await AddAsync(1, Sample.Prekey(PrekeyKind.OneTime, 1));

        Assert.Equal(9, (await TakeAsync(1, PrekeyKind.OneTime))?.KeyId);
        Assert.Equal(1, (await TakeAsync(1, PrekeyKind.OneTime))?.KeyId);
    }

    [Theory]
    [InlineData(PrekeyKind.Signed)]
    [InlineData(PrekeyKind.PqLastResort)]
    public async Task Standing_keys_stay_however_often_they_are_given(PrekeyKind kind)
    {
        var key = Sample.Prekey(kind, 5);
        await AddAsync(1, key);

        for (var i = 0; i < 3; i++)
        {
            Alike.Equal(key, await WriteAsync(tx => tx.Keys.FindStandingAsync(_alice.Id, 1, kind)));
        }
    }

    [Fact]
    public async Task The_last_resort_is_none_of_the_one_time_keys()
    {
        await AddAsync(1, Sample.Prekey(PrekeyKind.PqLastResort, 1), Sample.Prekey(PrekeyKind.Signed, 1));

        Assert.Null(await TakeAsync(1, PrekeyKind.PqOneTime));
        Assert.Null(await TakeAsync(1, PrekeyKind.OneTime));
        Assert.NotNull(await ReadAsync(tx => tx.Keys.FindStandingAsync(_alice.Id, 1, PrekeyKind.PqLastResort)));
    }

    [Fact]
    public async Task Devices_have_keys_of_their_own_under_the_same_numbers()
    {
        var (first, second) = (Sample.Prekey(PrekeyKind.OneTime, 1), Sample.Prekey(PrekeyKind.OneTime, 1));
        await AddAsync(1, first);
        await AddAsync(2, second);

        Alike.Equal(second, await TakeAsync(2, PrekeyKind.OneTime));
        Assert.Null(await TakeAsync(2, PrekeyKind.OneTime));
        Alike.Equal(first, await TakeAsync(1, PrekeyKind.OneTime));
    }

    [Fact]
    public async Task Who_left_no_keys_has_none()
    {
        Assert.Null(await TakeAsync(1, PrekeyKind.OneTime));
        Assert.Null(await ReadAsync(tx => tx.Keys.FindStandingAsync(_alice.Id, 1, PrekeyKind.Signed)));
        Assert.Null(await ReadAsync(tx => tx.Keys.FindStandingAsync(Sample.Account("bob").Id, 1, PrekeyKind.Signed)));
    }

    [Fact]
    public async Task A_taking_that_is_undone_leaves_the_key()
    {
        var key = Sample.Prekey(PrekeyKind.OneTime, 1);
        await AddAsync(1, key);

        await Database.WriteAsync<Prekey>(async tx =>
        {
            await tx.Keys.TakeAsync(_alice.Id, 1, PrekeyKind.OneTime);
            return Core.Errors.NotFound;
        });

        Alike.Equal(key, await TakeAsync(1, PrekeyKind.OneTime));
    }

    [Fact]
    public async Task Of_a_hundred_who_take_fifty_keys_at_once_no_two_get_the_same()
    {
        await AddAsync(1, [.. Enumerable.Range(0, 50).Select(id => Sample.Prekey(PrekeyKind.OneTime, id))]);

        var taken = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => TakeAsync(1, PrekeyKind.OneTime))))
            .Within("a hundred takers");

        Assert.Equal(50, taken.Count(key => key is null));
        Assert.Equal(Enumerable.Range(0, 50), taken.OfType<Prekey>().Select(key => key.KeyId).Order());
    }

    [Fact]
    public async Task A_number_is_used_for_good()
    {
        var key = Sample.Prekey(PrekeyKind.OneTime, 1);
        Assert.Equal(PrekeyAddition.Added, await PublishAsync(key));
        Assert.Equal(PrekeyAddition.Known, await PublishAsync(key));
        Assert.Equal(PrekeyAddition.NumberTaken, await PublishAsync(Sample.Prekey(PrekeyKind.OneTime, 1)));
        Alike.Equal(key, await TakeAsync(1, PrekeyKind.OneTime));
        Assert.Equal(PrekeyAddition.Known, await PublishAsync(key));
        Assert.Equal(PrekeyAddition.NumberTaken, await PublishAsync(Sample.Prekey(PrekeyKind.OneTime, 1)));
        Assert.Null(await TakeAsync(1, PrekeyKind.OneTime));
    }

    [Fact]
    public async Task The_kem_keys_share_their_numbers_and_no_key_serves_both_purposes()
    {
        var lastResort = Sample.Prekey(PrekeyKind.PqLastResort, 1);
        Assert.Equal(PrekeyAddition.Added, await PublishAsync(lastResort));
        Assert.Equal(PrekeyAddition.NumberTaken, await PublishAsync(Sample.Prekey(PrekeyKind.PqOneTime, 1)));
        Assert.Equal(PrekeyAddition.NumberTaken, await PublishAsync(lastResort with { Kind = PrekeyKind.PqOneTime }));
        Assert.Equal(PrekeyAddition.Added, await PublishAsync(Sample.Prekey(PrekeyKind.OneTime, 1)));
        Assert.Equal(PrekeyAddition.Added, await PublishAsync(Sample.Prekey(PrekeyKind.Signed, 1)));
    }

    [Theory]
    [InlineData(PrekeyKind.Signed)]
    [InlineData(PrekeyKind.PqLastResort)]
    public async Task A_standing_key_gives_way_to_the_next_and_does_not_come_back(PrekeyKind kind)
    {
        var (first, second) = (Sample.Prekey(kind, 1), Sample.Prekey(kind, 2));
        await AddAsync(1, first);
        await AddAsync(2, Sample.Prekey(kind, 1));
        Assert.Equal(PrekeyAddition.Added, await PublishAsync(second));
        Assert.Equal(PrekeyAddition.Known, await PublishAsync(first));
        Alike.Equal(second, await ReadAsync(tx => tx.Keys.FindStandingAsync(_alice.Id, 1, kind)));
        Assert.Equal(1, (await ReadAsync(tx => tx.Keys.FindStandingAsync(_alice.Id, 2, kind)))?.KeyId);
    }

    [Fact]
    public async Task What_is_left_is_counted_and_what_there_ever_was_is_remembered()
    {
        Assert.Equal(new PrekeyStock(0, 0, HadOneTime: false, HadPqOneTime: false, SignedId: null), await CountAsync(1));
        await AddAsync(1, Sample.Prekey(PrekeyKind.Signed, 7), Sample.Prekey(PrekeyKind.OneTime, 1), Sample.Prekey(PrekeyKind.OneTime, 2), Sample.Prekey(PrekeyKind.PqLastResort, 1));
        Assert.Equal(new PrekeyStock(2, 0, HadOneTime: true, HadPqOneTime: false, SignedId: 7), await CountAsync(1));
        await TakeAsync(1, PrekeyKind.OneTime);
        await TakeAsync(1, PrekeyKind.OneTime);
        await AddAsync(1, Sample.Prekey(PrekeyKind.PqOneTime, 2));
        Assert.Equal(new PrekeyStock(0, 1, HadOneTime: true, HadPqOneTime: true, SignedId: 7), await CountAsync(1));
        Assert.Equal(new PrekeyStock(0, 0, HadOneTime: false, HadPqOneTime: false, SignedId: null), await CountAsync(2));
    }

    [Fact]
    public async Task What_is_forgotten_frees_the_numbers_of_that_device_alone()
    {
        await AddAsync(1, Sample.Prekey(PrekeyKind.OneTime, 1), Sample.Prekey(PrekeyKind.Signed, 1));
        await AddAsync(2, Sample.Prekey(PrekeyKind.OneTime, 1));
        await WriteAsync(tx => tx.Keys.RemoveAllAsync(_alice.Id, 1));
        Assert.Equal(new PrekeyStock(0, 0, HadOneTime: false, HadPqOneTime: false, SignedId: null), await CountAsync(1));
        Assert.Equal(1, (await CountAsync(2)).OneTime);
        Assert.Equal(PrekeyAddition.Added, await PublishAsync(Sample.Prekey(PrekeyKind.OneTime, 1)));
    }

    private Task<PrekeyAddition> PublishAsync(Prekey key) => WriteAsync(tx => tx.Keys.PublishAsync(_alice.Id, 1, key));

    private Task<PrekeyStock> CountAsync(int deviceId) => ReadAsync(tx => tx.Keys.CountAsync(_alice.Id, deviceId));

    private Task AddAsync(int deviceId, params Prekey[] keys) => WriteAsync(tx => tx.Keys.AddAsync(_alice.Id, deviceId, keys));

    private Task<Prekey?> TakeAsync(int deviceId, PrekeyKind kind) => WriteAsync(tx => tx.Keys.TakeAsync(_alice.Id, deviceId, kind));
}

namespace Mimu.Smoke;

/// <summary>What must happen once, when many want it at the same moment.</summary>
public sealed class RaceTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Of_many_who_want_one_name_one_gets_it()
    {
        var (program, address) = await StartAsync();
        await using var server = program;
        var tries = Enumerable.Range(0, 20).Select(_ => Client.TryRegisterAsync(address, "alice"));
        var answers = await Task.WhenAll(tries);
        Assert.Equal(1, answers.Count(status => status == 201));
        Assert.Equal(19, answers.Count(status => status == 409));
    }

    [Fact]
    public async Task Of_fifty_prekeys_a_hundred_fetches_get_each_once()
    {
        var (program, address) = await StartAsync();
        await using var server = program;
        await Client.RegisterAsync(address, "alice", oneTimePrekeys: 50);
        var bob = await Client.RegisterAsync(address, "bob");
        var bundles = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => bob.GetAsync("/users/alice/prekeys")));
        var ids = bundles.Select(bundle => bundle["one_time_prekey"]).Where(key => key is not null).Select(key => (int)key!["key_id"]!).Order();
        Assert.Equal(Enumerable.Range(1, 50), ids);
    }

    [Fact]
    public async Task Of_twenty_refreshes_with_one_token_one_wins_and_then_nobody_has_a_session()
    {
        var (program, address) = await StartAsync();
        await using var server = program;
        await Client.RegisterAsync(address, "alice");
        var token = await Client.LoginAsync(address, "alice");
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Client.TryRefreshAsync(address, token)));
        var won = Assert.Single(answers, answer => answer.Status == 200);
        Assert.Equal(19, answers.Count(answer => answer.Status == 401));
        Assert.Equal(401, (await Client.TryRefreshAsync(address, won.Token!)).Status);
    }

    private Task<(Program Program, Uri Address)> StartAsync() =>
        Program.ServeAsync(_directory.FullName, ("MIMU_AUTH__ARGON2_MEMORY", "64KiB"), ("MIMU_AUTH__ARGON2_ITERATIONS", "1"));
}

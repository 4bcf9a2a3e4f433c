using Xunit.Abstractions;

namespace Mimu.Smoke;

/// <summary>Killed while wake-ups wait, the server has every one of them sent when it has started again (protocol 11.2).</summary>
public sealed class PushKillTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int People = 19;

    /// <summary>What a device may have.</summary>
    private const int Each = 16;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    private PushServices _services = null!;

    public async Task InitializeAsync() => _services = await PushServices.StartAsync();

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        _services.ExpectNoFaults();
    }

    [Fact]
    public async Task Killed_while_three_hundred_wake_ups_wait_it_wakes_every_one_of_them_after_the_next_start()
    {
        var (server, address) = await _services.ServeAsync();
        try
        {
            var alice = await Client.RegisterAsync(address, "alice");
            var people = await Task.WhenAll(Enumerable.Range(0, People).Select(number => Client.RegisterAsync(address, $"away_{number}")));
            var chat = await alice.OpenChatAsync(people);
            for (var round = 0; round < KillTests.Rounds; round++)
            {
                // New ones each time: these have had no push a moment ago, for which they would have to wait.
                var tokens = new Dictionary<string, string>();
                foreach (var (number, token) in (await Task.WhenAll(people.Select(person => RegisterAllAsync(person.At(address))))).SelectMany(all => all).Index())
                {
                    tokens[token] = PushServices.Platforms[number % Each % 3];
                }
                var answered = await PushUntilKilledAsync(server, () => alice.At(address).SendAsync(chat, "wake up"), round);
                await server.DisposeAsync();

                var begun = TimeProvider.System.GetUtcNow();
                (server, address) = await _services.ServeAsync();
                await ExpectRestAsync(tokens, answered, begun, round);
            }
        }
        finally
        {
            await server.DisposeAsync();
        }
    }

    private Task<string[]> RegisterAllAsync(Client person) => Task.WhenAll(Enumerable.Range(0, Each).Select(number => _services.RegisterAsync(person, PushServices.Platforms[number % 3])));

    /// <summary>Each service takes some pushes and answers no more, and the server dies: at once, when as many are under way as may be, or while answers come.</summary>
    /// <returns>Those that the services have taken.</returns>
    private async Task<HashSet<string>> PushUntilKilledAsync(Program server, Func<Task> send, int round)
    {
        var (enough, awaited) = (round % 5) switch { 0 => (0, 0), 1 => (0, 64), 2 => (10, 10 + 64), 3 => (25, 25 + 64), _ => (int.MaxValue, 30) };
        var answered = new HashSet<string>();
        using var came = new SemaphoreSlim(0);
        foreach (var service in _services.All)
        {
            var left = enough;
            service.Answer = push =>
            {
                lock (answered)
                {
                    if (service == _services.Browsers)
                    {
                        came.Release();
                    }
                    if (left-- > 0)
                    {
                        answered.Add(push.Token);
                    }
                    else
                    {
                        service.Hold = new TaskCompletionSource().Task;
                    }
                    return null;
                }
            };
        }
        await send();
        for (var i = 0; i < awaited; i++)
        {
            Assert.True(await came.WaitAsync(_patience), $"round {round}: {i} of {awaited} pushes came");
        }
        server.Kill();
        await server.WaitAsync();
        // What the dead server sent is looked at before anything of the next one comes.
        await Deadline.Until("the connections of the dead server to end", () => Task.FromResult(_services.All.All(service => service.OpenConnections == 0)));
        Array.ForEach([.. _services.All], service => (service.Answer, service.Hold) = (null, Task.CompletedTask));
        lock (answered)
        {
            return [.. answered];
        }
    }

    private async Task ExpectRestAsync(Dictionary<string, string> tokens, HashSet<string> answered, DateTimeOffset begun, int round)
    {
        var after = new List<string>();
        foreach (var (platform, service) in PushServices.Platforms.Zip(_services.All))
        {
            var missing = tokens.Where(one => one.Value == platform && !answered.Contains(one.Key)).Select(one => one.Key).ToHashSet();
            while (missing.Count > 0)
            {
                try
                {
                    // What comes from before the start was not answered.
                    if (await _services.NextAsync(platform) is var push && push.At > begun)
                    {
                        missing.Remove(push.Token);
                    }
                }
                catch (TimeoutException e)
                {
                    Assert.Fail($"round {round}: {missing.Count} of {tokens.Count} wake-ups are lost by {platform}. {e.Message}");
                }
            }
        }
        await _services.AwaitEmptyQueueAsync();
        foreach (var service in _services.All)
        {
            after.AddRange(service.Pushes.Where(push => push.At > begun).Select(push => push.Token));
        }
        // Twice only what the server could not know that it was taken.
        Assert.Equal(after.Count, after.Distinct().Count());
        Assert.All(after, token => Assert.True(tokens.ContainsKey(token), $"round {round}: {token} is not registered any more"));
        output.WriteLine($"round {round}: {tokens.Count} wake-ups, {answered.Count} taken before it was killed, {after.Count} pushed after, {after.Count(answered.Contains)} of them again");
    }
}

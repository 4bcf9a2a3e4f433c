using System.Diagnostics;
using Mimu.Core.Accounts;
using Xunit;

namespace Mimu.Core.Tests.Accounts;

public sealed class PasswordHashingTests
{
    /// <summary>What may wait, and what runs at once.</summary>
    private static readonly int _room = 64 + Math.Max(1, Environment.ProcessorCount / 2);

    [Fact]
    public async Task A_hash_verifies_its_password()
    {
        using var passwords = new PasswordHashing(World.Cheap);
        var stored = (await passwords.HashAsync("a password", CancellationToken.None)).Value;

        Assert.True((await passwords.VerifyAsync("a password", stored, CancellationToken.None)).Value);
        Assert.False((await passwords.VerifyAsync("another password", stored, CancellationToken.None)).Value);
        Assert.False(passwords.IsWeaker(stored));
    }

    [Fact]
    public async Task No_password_is_right_for_nobody()
    {
        using var passwords = new PasswordHashing(World.Cheap);

        Assert.False((await passwords.VerifyAsync("a password", stored: null, CancellationToken.None)).Value);
        Assert.False((await passwords.VerifyAsync("", stored: null, CancellationToken.None)).Value);
    }

    [Fact]
    public async Task Nobody_costs_as_much_as_somebody()
    {
        using var passwords = new PasswordHashing(new PasswordSettings(MemoryKiB: 4096, Iterations: 2));
        var stored = (await passwords.HashAsync("a password", CancellationToken.None)).Value;
        var (somebody, nobody) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var i = 0; i < 10; i++)
        {
            somebody = await FasterAsync(somebody, stored);
            nobody = await FasterAsync(nobody, stored: null);
        }

        // The least of ten, so that the machine's other affairs count for little. Without a hash it would be a hundredth.
        Assert.InRange(nobody / somebody, 0.2, 5);

        async Task<TimeSpan> FasterAsync(TimeSpan least, string? stored)
        {
            var begun = Stopwatch.GetTimestamp();
            await passwords.VerifyAsync("another password", stored, CancellationToken.None);
            var took = Stopwatch.GetElapsedTime(begun);
            return took < least ? took : least;
        }
    }

    [Fact]
    public async Task Beyond_its_bound_it_says_that_there_is_too_much_to_do_and_comes_round_again()
    {
        // Each of them takes long, so that none is finished while more are asked for.
        using var passwords = new PasswordHashing(new PasswordSettings(MemoryKiB: 16 * 1024, Iterations: 4));
        using var cancel = new CancellationTokenSource();
        var asked = Enumerable.Range(0, _room + 20).Select(_ => passwords.HashAsync("a password", cancel.Token)).ToList();

        Assert.All(asked.Take(_room), task => Assert.False(task.IsCompleted));
        foreach (var refused in asked.Skip(_room))
        {
            Assert.True(refused.IsCompleted);
            Assert.True(Assert.IsType<Overloaded>((await refused).Error).RetryAfter > TimeSpan.Zero);
        }

        await cancel.CancelAsync();
        foreach (var waiting in asked.Skip(_room - 64).Take(64))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        }
        Assert.True((await passwords.HashAsync("a password", CancellationToken.None)).IsOk);
    }

    [Fact]
    public async Task A_malformed_stored_hash_throws_and_gives_its_turn_back()
    {
        using var passwords = new PasswordHashing(World.Cheap);
        for (var i = 0; i < _room + 1; i++)
        {
            await Assert.ThrowsAsync<FormatException>(() => passwords.VerifyAsync("a password", "malformed", CancellationToken.None));
        }

        Assert.True((await passwords.HashAsync("a password", CancellationToken.None)).IsOk);
    }
}

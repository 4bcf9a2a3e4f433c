namespace Mimu.Core.Accounts;

/// <summary>
/// Makes and checks password hashes, at most one a core at a time and on threads of their own, so that a storm of logins can neither exhaust memory nor
/// starve the requests that are cheap.
/// </summary>
public sealed class PasswordHashing(PasswordSettings settings) : IDisposable
{
    /// <summary>How many may wait for their turn. At 25 ms each on one core, the last waits about two seconds.</summary>
    private const int MaxWaiting = 64;

    private static readonly Overloaded _overloaded = new(TimeSpan.FromSeconds(2));

    private readonly SemaphoreSlim _turn = new(Math.Max(1, Environment.ProcessorCount / 2));
    private readonly Lock _decoyLock = new();
    private string? _decoy;
    private int _waiting;

    /// <summary>Why nothing can be hashed now, else null. Asked before other work for a password's sake, it saves that work: most of what a storm would cost.</summary>
    public Overloaded? Refusal => Volatile.Read(ref _waiting) < MaxWaiting ? null : _overloaded;

    /// <summary>The PHC string of a new password.</summary>
    public Task<Result<string>> HashAsync(string password, CancellationToken cancellation) =>
        InTurnAsync(() => Argon2id.Hash(password, settings), cancellation);

    /// <summary>Whether the password is the one that <paramref name="stored"/> was made of. Null, for an unknown account, costs the same and is never right.</summary>
    public Task<Result<bool>> VerifyAsync(string password, string? stored, CancellationToken cancellation) =>
        InTurnAsync(() => Argon2id.Verify(password, stored ?? Decoy()) && stored is not null, cancellation);

    /// <summary>Whether a good login should renew this hash (protocol 2.2).</summary>
    public bool IsWeaker(string stored) => Argon2id.IsWeaker(stored, settings);

    public void Dispose() => _turn.Dispose();

    private async Task<Result<T>> InTurnAsync<T>(Func<T> work, CancellationToken cancellation)
    {
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            return _overloaded;
        }
        try
        {
            await _turn.WaitAsync(cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
        try
        {
            return await Task.Factory.StartNew(() => Aside(work), cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The thread is this work's alone and ends with it, so nobody else inherits its low priority.</summary>
    private static T Aside<T>(Func<T> work)
    {
        ThreadNiceness.GiveWay();
        return work();
    }

    /// <summary>A hash at today's cost that no password opens but by guessing 256 random bits.</summary>
    private string Decoy()
    {
        lock (_decoyLock)
        {
            return _decoy ??= Argon2id.Hash(Sessions.Secret.New(), settings);
        }
    }
}

using System.Text;
using Microsoft.Extensions.Time.Testing;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Events;
using Mimu.Core.Keys;
using Mimu.Core.Messages;
using Mimu.Core.Push;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;
using Mimu.Core.Tests.Memory;
using Mimu.Specification;

namespace Mimu.Core.Tests;

/// <summary>All rules over an empty memory, with a clock that stands still. Each closure runs twice: none may have effects outside of its transaction.</summary>
internal sealed class World : IEventEncoder
{
    /// <summary>The least that Argon2 can be asked for, where its cost is not the point.</summary>
    public static readonly PasswordSettings Cheap = new(MemoryKiB: 8, Iterations: 1, Parallelism: 1);

    public static readonly SessionSettings Strict = new("https://mimu.example", TimeSpan.FromMinutes(15), TimeSpan.FromDays(30), RefreshGrace: TimeSpan.Zero);

    public World(SessionSettings? settings = null, PasswordSettings? passwords = null)
    {
        Settings = settings ?? Strict;
        Passwords = new PasswordHashing(passwords ?? Cheap);
        Database = new TwiceDatabase(Memory);
        AccessTokens = new AccessTokens([new TokenKey("1", new byte[32])], Settings, Clock);
    }

    public FakeTimeProvider Clock { get; } = new(Sample.Now);

    public MemoryDatabase Memory { get; } = new();

    public IDatabase Database { get; init; }

    public SessionSettings Settings { get; }

    public PasswordHashing Passwords { get; }

    public AccessTokens AccessTokens { get; }

    public Register Register => RegisterWhile(RegistrationMode.Open);

    public Login Login => new(Database, Passwords, new SessionTokens(AccessTokens, Settings), Clock);

    public Refresh Refresh => new(Database, new SessionTokens(AccessTokens, Settings), Clock, Settings);

    public FetchPrekeys FetchPrekeys => new(Database, new Limits());

    public SendMessage SendMessage => new(Database, WakeUps, Clock);

    public OnlineDevices Online { get; } = new();

    public PushSettings PushSettings { get; set; } = new(TimeSpan.FromDays(7), [PushPlatform.Fcm, PushPlatform.WebPush]);

    public WakeUps WakeUps => new(Database, Online, PushSettings, Clock);

    public ListMessages ListMessages => new(Database, Clock);

    public Register RegisterWhile(RegistrationMode mode) =>
        new(Database, Passwords, new SessionTokens(AccessTokens, Settings), Clock, new RegistrationSettings(mode));

    public CreateChat CreateChat(Limits? limits = null) => new(Database, new EventWriter(this, Clock), Clock, limits ?? new Limits());

    /// <summary>An account with its first device, as if it had registered, and a session.</summary>
    public async Task<Caller> AddAsync(string name, AccountState state = AccountState.Active, string? password = null)
    {
        var account = Sample.Account(name, state);
        if (password is not null)
        {
            account = account with { PasswordHash = (await Passwords.HashAsync(password, CancellationToken.None)).Value };
        }
        var session = Sample.Session(account.Id);
        await Memory.WriteAsync<Done>(async tx =>
        {
            await tx.Accounts.AddAsync(account);
            await tx.Devices.AddAsync(Sample.Device(account.Id));
            await tx.Sessions.AddAsync(session, Sample.Token(session.Id));
            return default(Done);
        }, CancellationToken.None);
        return session.ToCaller();
    }

    /// <summary>Does to an account what no rule does yet.</summary>
    public Task ChangeAsync(UserId user, Func<Account, Account> change) => Memory.ChangeAsync(state =>
        state with { Accounts = state.Accounts.SetItem(user, change(state.Accounts[user])) });

    /// <summary>The form on the wire is another house's affair; here an event is its name.</summary>
    public ReadOnlyMemory<byte> Encode(Event happened) => Encoding.UTF8.GetBytes(happened.Type);
}

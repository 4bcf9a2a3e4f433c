using Mimu.Core;
using Mimu.Core.Accounts;
using Xunit;

namespace Mimu.Specification;

/// <summary>What <see cref="IAccountStore"/> promises.</summary>
public abstract class AccountStoreSpec : StorageSpec
{
    [Fact]
    public async Task A_state_takes_the_place_of_the_former()
    {
        var account = Sample.Account("stateful");
        await WriteAsync(tx => tx.Accounts.AddAsync(account));
        await WriteAsync(tx => tx.Accounts.SetStateAsync(account.Id, AccountState.Disabled));
        Alike.Equal(account with { State = AccountState.Disabled }, await ReadAsync(tx => tx.Accounts.FindAsync(account.Id)));
        await WriteAsync(tx => tx.Accounts.SetStateAsync(account.Id, AccountState.Active));
        Alike.Equal(account, await ReadAsync(tx => tx.Accounts.FindAsync(account.PublicId)));
    }

    [Fact]
    public async Task An_account_is_found_by_name_and_by_id_as_it_was_added()
    {
        var alice = Sample.Account("alice") with { Avatar = "a-file-key" };
        Assert.True(await WriteAsync(tx => tx.Accounts.AddAsync(alice)));

        Alike.Equal(alice, await ReadAsync(tx => tx.Accounts.FindAsync(Sample.Name("alice"))));
        Alike.Equal(alice, await ReadAsync(tx => tx.Accounts.FindAsync(alice.Id)));
    }

    [Fact]
    public async Task Nobody_is_found_who_never_was()
    {
        Assert.Null(await ReadAsync(tx => tx.Accounts.FindAsync(Sample.Name("alice"))));
        Assert.Null(await ReadAsync(tx => tx.Accounts.FindAsync(Ids.NewUserId())));
    }

    [Theory]
    [InlineData(AccountState.Active)]
    [InlineData(AccountState.Disabled)]
    [InlineData(AccountState.Deleted)]
    public async Task A_name_is_given_once_whatever_became_of_its_first_owner(AccountState state)
    {
        var first = Sample.Account("alice", state);
        await WriteAsync(tx => tx.Accounts.AddAsync(first));

        Assert.False(await WriteAsync(tx => tx.Accounts.AddAsync(Sample.Account("alice"))));

        Alike.Equal(first, await ReadAsync(tx => tx.Accounts.FindAsync(Sample.Name("alice"))));
    }

    [Fact]
    public async Task Of_many_who_want_a_name_at_once_one_gets_it()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => WriteAsync(tx => tx.Accounts.AddAsync(Sample.Account("alice"))))));

        Assert.Single(answers, added => added);
    }

    [Fact]
    public async Task A_search_finds_names_that_begin_so_in_their_order()
    {
        await AddAsync("bob", "alina", "al_x", "al.x", "al9", "alx", "ali", "axe", "amy");

        Assert.Equal(["al.x", "al9", "al_x", "ali", "alina", "alx"], await SearchAsync("al", 20));
    }

    [Theory]
    [InlineData("al_", "al_x")]
    [InlineData("al.", "al.x")]
    [InlineData("alz", "alz,alzz")]
    [InlineData("al%", "")]
    [InlineData("l", "")]
    public async Task A_search_takes_the_prefix_literally(string prefix, string expected)
    {
        await AddAsync("al_x", "al.x", "alx", "alz", "alzz");

        Assert.Equal(expected, string.Join(',', await SearchAsync(prefix, 20)));
    }

    [Fact]
    public async Task A_search_finds_at_most_as_many_as_asked_for()
    {
        await AddAsync("alc", "ala", "alb");

        Assert.Equal(["ala", "alb"], await SearchAsync("al", 2));
    }

    [Fact]
    public async Task A_search_leaves_out_who_is_disabled_or_deleted()
    {
        await WriteAsync(tx => tx.Accounts.AddAsync(Sample.Account("alice", AccountState.Disabled)));
        await WriteAsync(tx => tx.Accounts.AddAsync(Sample.Account("alina", AccountState.Deleted)));
        await AddAsync("alx");

        Assert.Equal(["alx"], await SearchAsync("al", 20));
    }

    [Fact]
    public async Task Of_many_ids_those_are_found_who_are_known_and_not_deleted()
    {
        var (alice, bob, carol) = (Sample.Account("alice"), Sample.Account("bob", AccountState.Disabled), Sample.Account("carol", AccountState.Deleted));
        await AddAsync(alice, bob, carol, Sample.Account("dave"));

        var found = await ReadAsync(tx => tx.Accounts.FindAllAsync([alice.Id, bob.Id, carol.Id, Ids.NewUserId()]));

        Assert.Equal(["alice", "bob"], found.Select(account => account.PublicId.Value).Order());
        Alike.Equal(alice, found.Single(account => account.Id == alice.Id));
        Assert.Empty(await ReadAsync(tx => tx.Accounts.FindAllAsync([])));
    }

    [Fact]
    public async Task A_thousand_ids_are_found_at_once()
    {
        var accounts = Enumerable.Range(0, 1000).Select(number => Sample.Account($"user{number}")).ToArray();
        await AddAsync(accounts);

        Assert.Equal(1000, (await ReadAsync(tx => tx.Accounts.FindAllAsync([.. accounts.Select(account => account.Id)]))).Count);
    }

    [Fact]
    public async Task A_password_hash_is_replaced_only_while_it_is_the_one_that_was_seen()
    {
        var alice = Sample.Account("alice");
        var bob = Sample.Account("bob") with { PasswordHash = alice.PasswordHash };
        await AddAsync(alice, bob);

        Assert.True(await WriteAsync(tx => tx.Accounts.ReplacePasswordHashAsync(alice.Id, alice.PasswordHash, "renewed")));
        Assert.False(await WriteAsync(tx => tx.Accounts.ReplacePasswordHashAsync(alice.Id, alice.PasswordHash, "again")));
        Assert.False(await WriteAsync(tx => tx.Accounts.ReplacePasswordHashAsync(Ids.NewUserId(), alice.PasswordHash, "again")));

        Alike.Equal(alice with { PasswordHash = "renewed" }, await ReadAsync(tx => tx.Accounts.FindAsync(alice.Id)));
        Alike.Equal(bob, await ReadAsync(tx => tx.Accounts.FindAsync(bob.Id)));
    }

    private Task AddAsync(params string[] names) => AddAsync(Array.ConvertAll(names, name => Sample.Account(name)));

    private Task AddAsync(params Account[] accounts) => WriteAsync(async tx =>
    {
        foreach (var account in accounts)
        {
            Assert.True(await tx.Accounts.AddAsync(account));
        }
    });

    private async Task<IEnumerable<string>> SearchAsync(string prefix, int limit) =>
        (await ReadAsync(tx => tx.Accounts.SearchAsync(prefix, Ids.NewUserId(), limit))).Select(account => account.PublicId.Value);
}

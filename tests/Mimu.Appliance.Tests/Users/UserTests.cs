using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Users;

/// <summary>Protocol 3.1 and 3.2.</summary>
public class UserTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task A_search_finds_names_by_their_beginning_in_order()
    {
        var names = (string[])["anna", "annabel", "ann.b", "ann_c", "ann0", "an", "xanna"];
        foreach (var name in names.Where(name => name.Length > 2))
        {
            (await host.Anonymous.PostAsync("/auth/register", new Registration(name).Body)).Expect(201);
        }
        var me = await host.RegisterAsync("searcher");
        Assert.Equal(["ann.b", "ann0", "ann_c", "anna", "annabel"], await FindAsync(me, "q=ann"));
        Assert.Equal(["ann.b", "ann0", "ann_c", "anna", "annabel"], await FindAsync(me, "q=AN"));
        Assert.Equal(["anna", "annabel"], await FindAsync(me, "q=anna"));
        Assert.Equal(["ann.b", "ann0"], await FindAsync(me, "q=ann&limit=2"));
        Assert.Equal(["xanna"], await FindAsync(me, "q=xa"));
        Assert.Empty(await FindAsync(me, "q=annabelle"));
    }

    [Theory]
    [InlineData("ma%25")] // %
    [InlineData("ma_")]
    [InlineData("__")]
    [InlineData("ma%2A")] // *
    [InlineData("ma%00")]
    [InlineData("%C3%A9%C3%A9")] // éé
    [InlineData("%F0%9F%A6%8A%F0%9F%A6%8A")] // two foxes
    [InlineData("ma~")]
    [InlineData("m'")]
    [InlineData("ma+")]
    public async Task A_search_takes_what_it_is_given_literally(string q)
    {
        await host.RegisterAsync("mango");
        Assert.Empty(await FindAsync(await host.RegisterAsync("searcher"), $"q={q}"));
    }

    [Fact]
    public async Task A_search_finds_oneself_and_leaves_out_who_is_disabled_or_deleted()
    {
        var (one, two, three) = (await host.RegisterAsync("visible"), await host.RegisterAsync("visible"), await host.RegisterAsync("visible"));
        host.Sql("UPDATE accounts SET state = 1 WHERE public_id = @name", ("@name", two.PublicId));
        host.Sql("UPDATE accounts SET state = 2 WHERE public_id = @name", ("@name", three.PublicId));
        Assert.Equal([one.PublicId], await FindAsync(one, "q=visible"));
    }

    [Fact]
    public async Task A_search_for_too_little_or_too_much_is_refused()
    {
        var me = await host.RegisterAsync("searcher");
        foreach (var query in (string[])["", "?q=", "?q=a", $"?q={new string('a', 33)}", "?q=%F0%9F%A6%8A", "?query=anna"])
        {
            (await me.Http.GetAsync($"/users/search{query}")).ExpectFaults("q");
        }
        (await me.Http.GetAsync("/users/search?q=a&limit=ten")).ExpectFaults("q", "limit");
        (await me.Http.GetAsync("/users/search?q=anna&q=bert")).ExpectFaults("q");
        (await me.Http.GetAsync($"/users/search?q={new string('a', 32)}")).Expect(200);
    }

    [Fact]
    public async Task A_profile_has_the_keys_that_were_registered()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob", registration => registration.Body["display_name"] = "Bob"));
        foreach (var profile in (JsonObject[])[
            (await alice.Http.GetAsync($"/users/{bob.PublicId}")).Expect(200),
            (await alice.Http.GetAsync($"/users/{bob.PublicId.ToUpperInvariant()}")).Expect(200)])
        {
            Assert.Equal(bob.UserId, (string?)profile["user_id"]);
            Assert.Equal(bob.PublicId, (string?)profile["public_id"]);
            Assert.Equal("Bob", (string?)profile["display_name"]);
            Assert.Null(profile["avatar"]);
            Assert.Equal(bob.Registration.Fingerprint, (string?)profile["fingerprint"]);
            Assert.Equal(Registration.Base64(bob.Registration.IdentityKey), (string?)profile["identity_key"]);
            Assert.Equal(Registration.Base64(bob.Registration.SigningPublicKey), (string?)profile["signing_public_key"]);
        }
    }

    [Theory]
    [InlineData("/users/nobody.here")]
    [InlineData("/users/ab")]
    [InlineData("/users/has%20space")]
    [InlineData("/users/a%2Fb")]
    [InlineData("/users/alice%0A")]
    [InlineData("/users/%F0%9F%A6%8A%F0%9F%A6%8A%F0%9F%A6%8A")]
    [InlineData("/users/")]
    [InlineData("/users")]
    public async Task Who_is_not_there_is_not_found(string path) =>
        (await (await host.RegisterAsync("alice")).Http.GetAsync(path)).ExpectProblem(404, "not_found");

    [Fact]
    public async Task Who_is_deleted_is_not_found()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        host.Sql("UPDATE accounts SET state = 2 WHERE public_id = @name", ("@name", bob.PublicId));
        (await alice.Http.GetAsync($"/users/{bob.PublicId}")).ExpectProblem(404, "not_found");
        (await alice.Http.GetAsync($"/users/{bob.PublicId}/prekeys")).ExpectProblem(404, "not_found");
        (await host.Anonymous.PostAsync("/auth/register", new Registration(bob.PublicId).Body)).ExpectProblem(409, "public_id_taken");
    }

    private static async Task<string[]> FindAsync(Person who, string query)
    {
        var found = (await who.Http.GetAsync($"/users/search?{query}")).Expect(200);
        return [.. found["users"]!.AsArray().Select(profile => (string)profile!["public_id"]!)];
    }
}

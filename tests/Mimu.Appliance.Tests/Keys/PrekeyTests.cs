using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Keys;

namespace Mimu.Appliance.Tests.Keys;

/// <summary>Protocol 3.3.</summary>
public class PrekeyTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task One_time_prekeys_are_handed_out_once_the_oldest_first()
    {
        var alice = await host.RegisterAsync("alice");
        var bob = await host.RegisterAsync("bob", registration => registration.WithOneTimePrekeys(3));
        var uploaded = bob.Registration.Body["one_time_prekeys"]!.AsArray();
        foreach (var expected in uploaded)
        {
            Assert.Equal(expected!.ToJsonString(), (await FetchAsync(alice, bob))["one_time_prekey"]!.ToJsonString());
        }
        for (var i = 0; i < 2; i++)
        {
            var bundle = await FetchAsync(alice, bob);
            Assert.Null(bundle["one_time_prekey"]);
            Assert.Equal(bob.Registration.Body["signed_prekey"]!.ToJsonString(), bundle["signed_prekey"]!.ToJsonString());
        }
    }

    [Fact]
    public async Task The_post_quantum_key_falls_back_to_the_last_resort()
    {
        var alice = await host.RegisterAsync("alice");
        var bob = await host.RegisterAsync("bob", registration => registration.WithPqPrekeys(2));
        var body = bob.Registration.Body;
        foreach (var expected in (JsonNode[])[.. body["pq_one_time_prekeys"]!.AsArray()!])
        {
            ExpectKey(expected, lastResort: false, (await FetchAsync(alice, bob))["pq_prekey"]!);
        }
        ExpectKey(body["pq_last_resort_prekey"]!, lastResort: true, (await FetchAsync(alice, bob))["pq_prekey"]!);
        ExpectKey(body["pq_last_resort_prekey"]!, lastResort: true, (await FetchAsync(alice, bob))["pq_prekey"]!);

        static void ExpectKey(JsonNode uploaded, bool lastResort, JsonNode fetched)
        {
            var expected = uploaded.DeepClone();
            expected["last_resort"] = lastResort;
            Assert.Equal(expected.ToJsonString(), fetched.ToJsonString());
        }
    }

    [Fact]
    public async Task A_bundle_says_whose_it_is_and_its_first_device_stands_at_the_top()
    {
        var alice = await host.RegisterAsync("alice");
        var bob = await host.RegisterAsync("bob", registration => registration.WithOneTimePrekeys(1).WithPqPrekeys(1).Body["signal_registration_id"] = 4711);
        var bundle = await FetchAsync(alice, bob);
        Assert.Equal(bob.UserId, (string?)bundle["user_id"]);
        Assert.Equal(bob.PublicId, (string?)bundle["public_id"]);
        Assert.Equal(bob.Registration.Fingerprint, (string?)bundle["fingerprint"]);
        Assert.Equal(1, (int?)bundle["device_id"]);
        Assert.Equal(4711, (int?)bundle["signal_registration_id"]);
        Assert.True(Signatures.Verify(Convert.FromBase64String((string)bundle["signing_public_key"]!),
            Convert.FromBase64String((string)bundle["signed_prekey"]!["public_key"]!), Convert.FromBase64String((string)bundle["signed_prekey"]!["signature"]!)));
        var device = Assert.Single(bundle["devices"]!.AsArray())!;
        foreach (var (name, value) in device.AsObject())
        {
            Assert.Equal(value?.ToJsonString(), bundle[name]?.ToJsonString());
        }
    }

    [Fact]
    public async Task One_device_may_be_asked_for()
    {
        var alice = await host.RegisterAsync("alice");
        var bob = await host.RegisterAsync("bob", registration => registration.WithOneTimePrekeys(2));
        Assert.Equal(1, (int?)(await alice.Http.GetAsync($"/users/{bob.PublicId}/prekeys?device_id=1")).Expect(200)["device_id"]);
        (await alice.Http.GetAsync($"/users/{bob.PublicId}/prekeys?device_id=2")).ExpectProblem(404, "not_found");
        (await alice.Http.GetAsync($"/users/{bob.PublicId}/prekeys?device_id=127")).ExpectProblem(404, "not_found");
        // Who was refused has consumed nothing.
        Assert.Equal(2, (int?)(await FetchAsync(alice, bob))["one_time_prekey"]!["key_id"]);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("128")]
    [InlineData("-1")]
    [InlineData("one")]
    [InlineData("")]
    [InlineData("1.0")]
    [InlineData("1&device_id=1")]
    public async Task A_bad_device_is_not_valid(string device)
    {
        var alice = await host.RegisterAsync("alice");
        (await alice.Http.GetAsync($"/users/{alice.PublicId}/prekeys?device_id={device}")).ExpectFaults("device_id");
    }

    [Fact]
    public async Task Of_one_s_own_account_the_calling_device_is_left_out()
    {
        var alice = await host.RegisterAsync("alice", registration => registration.WithOneTimePrekeys(1));
        (await alice.Http.GetAsync($"/users/{alice.PublicId}/prekeys")).ExpectProblem(404, "not_found");
        (await alice.Http.GetAsync($"/users/{alice.PublicId}/prekeys?device_id=1")).ExpectProblem(404, "not_found");
        Assert.NotNull((await FetchAsync(await host.RegisterAsync("bob"), alice))["one_time_prekey"]);
    }

    [Theory]
    [InlineData("/users/nobody.here/prekeys")]
    [InlineData("/users/a%20b/prekeys")]
    public async Task Nobody_has_no_prekeys(string path) =>
        (await (await host.RegisterAsync("alice")).Http.GetAsync(path)).ExpectProblem(404, "not_found");

    [Fact]
    public async Task A_hundred_fetches_at_once_get_fifty_keys_once_each_and_the_rest_none()
    {
        var alice = await host.RegisterAsync("alice");
        var bob = await host.RegisterAsync("bob", registration => registration.WithOneTimePrekeys(50).WithPqPrekeys(50));
        var bundles = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => FetchAsync(alice, bob)));
        var oneTime = bundles.Select(bundle => bundle["one_time_prekey"]).OfType<JsonNode>().Select(key => (int)key["key_id"]!).ToList();
        Assert.Equal(Enumerable.Range(1, 50), oneTime.Order());
        var pq = bundles.Select(bundle => bundle["pq_prekey"]!).ToLookup(key => (bool)key["last_resort"]!, key => (int)key["key_id"]!);
        Assert.Equal(Enumerable.Range(2, 50), pq[false].Order());
        Assert.Equal(Enumerable.Repeat(1, 50), pq[true]);
    }

    private static async Task<JsonObject> FetchAsync(Person who, Person whose) => (await who.Http.GetAsync($"/users/{whose.PublicId}/prekeys")).Expect(200);
}

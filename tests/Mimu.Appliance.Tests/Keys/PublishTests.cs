using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Keys;

/// <summary>Protocol 3.4.</summary>
public class PublishTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task What_is_uploaded_is_counted_and_handed_out_behind_the_older_ones()
    {
        var alice = await host.RegisterAsync("alice", registration => registration.WithOneTimePrekeys(1));
        var bob = await host.RegisterAsync("bob");
        ExpectCounts(1, 0, 1, (await alice.Http.GetAsync("/users/me/prekeys")).Expect(200));
        ExpectCounts(3, 1, 7, await UploadAsync(alice, new JsonObject
        {
            ["one_time_prekeys"] = new JsonArray(Registration.OneTime(9), Registration.OneTime(8)),
            ["pq_one_time_prekeys"] = new JsonArray(alice.Registration.Signed(9, Registration.NewKem(), typeByte: 0x08)),
            ["signed_prekey"] = alice.Registration.Signed(7, Registration.NewX25519()),
        }));
        Assert.Equal([1, 9, 8], [await FetchIdAsync(bob, alice), await FetchIdAsync(bob, alice), await FetchIdAsync(bob, alice)]);
        Assert.Null(await FetchIdAsync(bob, alice));
        ExpectCounts(0, 0, 7, (await alice.Http.GetAsync("/users/me/prekeys")).Expect(200));
    }

    [Fact]
    public async Task The_same_key_again_is_accepted_and_stored_once_and_never_comes_back()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var upload = new JsonObject { ["one_time_prekeys"] = new JsonArray(Registration.OneTime(5)) };
        ExpectCounts(1, 0, 1, await UploadAsync(alice, upload));
        ExpectCounts(1, 0, 1, await UploadAsync(alice, upload));
        Assert.Equal(5, await FetchIdAsync(bob, alice));
        ExpectCounts(0, 0, 1, await UploadAsync(alice, upload));
        Assert.Null(await FetchIdAsync(bob, alice));
    }

    [Fact]
    public async Task Another_key_under_a_used_number_is_refused_and_nothing_is_stored()
    {
        var alice = await host.RegisterAsync("alice", registration => registration.WithOneTimePrekeys(1).WithPqPrekeys(1));
        foreach (var bad in (JsonObject[])
        [
            new() { ["one_time_prekeys"] = new JsonArray(Registration.OneTime(50), Registration.OneTime(1)) },
            new() { ["one_time_prekeys"] = new JsonArray(Registration.OneTime(50)), ["signed_prekey"] = alice.Registration.Signed(1, Registration.NewX25519()) },
            // One space for all KEM keys: 1 is the last resort's, 2 is a one-time key's.
            new() { ["one_time_prekeys"] = new JsonArray(Registration.OneTime(50)), ["pq_one_time_prekeys"] = new JsonArray(alice.Registration.Signed(1, Registration.NewKem())) },
            new() { ["one_time_prekeys"] = new JsonArray(Registration.OneTime(50)), ["pq_last_resort_prekey"] = alice.Registration.Signed(2, Registration.NewKem()) },
        ])
        {
            (await alice.Http.PostAsync("/users/me/prekeys", bad)).ExpectProblem(409, "key_id_reused");
            ExpectCounts(1, 1, 1, (await alice.Http.GetAsync("/users/me/prekeys")).Expect(200));
        }
    }

    [Fact]
    public async Task A_standing_key_takes_the_place_of_the_former_for_good()
    {
        var alice = await host.RegisterAsync("alice", registration => registration.WithPqPrekeys(0));
        var bob = await host.RegisterAsync("bob");
        var (signed, lastResort) = (alice.Registration.Signed(2, Registration.NewX25519()), alice.Registration.Signed(2, Registration.NewKem()));
        ExpectCounts(0, 0, 2, await UploadAsync(alice, new JsonObject { ["signed_prekey"] = signed, ["pq_last_resort_prekey"] = lastResort }));
        // A late repeat of the first upload changes nothing.
        ExpectCounts(0, 0, 2, await UploadAsync(alice, new JsonObject { ["signed_prekey"] = alice.Registration.Body["signed_prekey"]!.DeepClone() }));
        var bundle = (await bob.Http.GetAsync($"/users/{alice.PublicId}/prekeys")).Expect(200);
        Assert.Equal(signed.ToJsonString(), bundle["signed_prekey"]!.ToJsonString());
        Assert.Equal((string?)lastResort["public_key"], (string?)bundle["pq_prekey"]!["public_key"]);
        Assert.True((bool)bundle["pq_prekey"]!["last_resort"]!);
    }

    [Fact]
    public async Task Five_hundred_of_a_kind_are_kept_and_not_one_more()
    {
        await using var small = await Host.Start(options => options.Limits.OneTimePrekeys = 5);
        var alice = await small.RegisterAsync("alice");
        var five = new JsonArray([.. Enumerable.Range(1, 5).Select(id => Registration.OneTime(id))]);
        ExpectCounts(5, 0, 1, await UploadAsync(alice, new JsonObject { ["one_time_prekeys"] = five.DeepClone() }));
        (await alice.Http.PostAsync("/users/me/prekeys", new JsonObject
        {
            ["one_time_prekeys"] = new JsonArray(Registration.OneTime(6)),
            ["signed_prekey"] = alice.Registration.Signed(2, Registration.NewX25519()),
        })).ExpectProblem(409, "limit_reached");
        ExpectCounts(5, 0, 1, (await alice.Http.GetAsync("/users/me/prekeys")).Expect(200));
        // A repeat adds none, and the other kind has room of its own.
        ExpectCounts(5, 1, 1, await UploadAsync(alice, new JsonObject
        {
            ["one_time_prekeys"] = five,
            ["pq_one_time_prekeys"] = new JsonArray(alice.Registration.Signed(6, Registration.NewKem())),
        }));
    }

    [Fact]
    public async Task Everything_that_is_wrong_is_told_at_once()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        (await alice.Http.PostAsync("/users/me/prekeys", new JsonObject
        {
            ["signed_prekey"] = bob.Registration.Signed(2, Registration.NewX25519()),
            ["one_time_prekeys"] = new JsonArray(Registration.OneTime(3), Registration.OneTime(3), new JsonObject { ["key_id"] = 4, ["public_key"] = Registration.Base64(new byte[32]) }),
            ["pq_one_time_prekeys"] = "none",
        })).ExpectFaults("signed_prekey.signature", "one_time_prekeys[1].key_id", "one_time_prekeys[2].public_key", "pq_one_time_prekeys");
        (await alice.Http.PostAsync("/users/me/prekeys", new JsonObject { ["one_time_prekeys"] = new JsonArray([.. Enumerable.Range(1, 101).Select(id => Registration.OneTime(id))]) }))
            .ExpectFaults("one_time_prekeys");
    }

    [Fact]
    public async Task Of_many_uploads_and_fetches_at_once_no_key_is_lost_or_given_twice()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var uploads = Enumerable.Range(0, 100).Select(id => UploadAsync(alice, new JsonObject { ["one_time_prekeys"] = new JsonArray(Registration.OneTime(id)) }));
        var fetches = Enumerable.Range(0, 100).Select(_ => FetchIdAsync(bob, alice));
        var (uploading, fetching) = (Task.WhenAll(uploads), Task.WhenAll(fetches));
        await uploading;
        var fetched = (await fetching).OfType<int>().ToList();
        while (await FetchIdAsync(bob, alice) is { } left)
        {
            fetched.Add(left);
        }
        Assert.Equal(Enumerable.Range(0, 100), fetched.Order());
    }

    [Fact]
    public async Task The_digest_tells_whether_the_keys_are_the_same()
    {
        var plain = await host.RegisterAsync("plain");
        var quantum = await host.RegisterAsync("quantum", registration => registration.WithPqPrekeys(0));
        foreach (var person in (Person[])[plain, quantum])
        {
            (await CheckAsync(person, DigestOf(person.Registration))).ExpectNothing();
            (await CheckAsync(person, new byte[32])).ExpectProblem(409, "keys_differ");
        }
        await UploadAsync(plain, new JsonObject { ["signed_prekey"] = plain.Registration.Signed(2, Registration.NewX25519()) });
        (await CheckAsync(plain, DigestOf(plain.Registration))).ExpectProblem(409, "keys_differ");
        (await plain.Http.PostAsync("/users/me/prekeys/check", new JsonObject { ["digest"] = "AAAA" })).ExpectFaults("digest");
    }

    [Fact]
    public async Task A_device_is_told_when_a_kind_that_it_uses_runs_low()
    {
        await using var low = await Host.Start(options => options.Limits.PrekeysLow = 2);
        var alice = await low.RegisterAsync("alice", registration => registration.WithOneTimePrekeys(3));
        var (bob, tablet) = (await low.RegisterAsync("bob"), await alice.LinkAsync(changes: body => body.Remove("one_time_prekeys")));
        var socket = await alice.ConnectAsync();
        var other = await tablet.ConnectAsync(); // uses no one-time keys, so that it can't run out of them
        await FetchIdAsync(bob, alice);
        await socket.ExpectNothingElseAsync();
        await FetchIdAsync(bob, alice);
        ExpectLow(1, await socket.ExpectAsync("PrekeysLow"));
        await FetchIdAsync(bob, alice);
        ExpectLow(0, await socket.ExpectAsync("PrekeysLow"));
        await FetchIdAsync(bob, alice);
        ExpectLow(0, await socket.ExpectAsync("PrekeysLow"));
        await socket.ExpectNothingElseAsync();
        await other.ExpectNothingElseAsync();

        var again = await alice.OpenAsync();
        await again.ExpectHelloAsync();
        ExpectLow(0, await again.ExpectAsync("PrekeysLow"));

        static void ExpectLow(int left, JsonObject frame)
        {
            Assert.False(frame.ContainsKey("cursor"));
            Assert.Equal($$"""{"device_id":1,"one_time_prekey_count":{{left}},"pq_one_time_prekey_count":0}""", frame["data"]!.ToJsonString());
        }
    }

    private static async Task<JsonObject> UploadAsync(Person person, JsonObject keys) => (await person.Http.PostAsync("/users/me/prekeys", keys)).Expect(200);

    private static Task<Answer> CheckAsync(Person person, byte[] digest) =>
        person.Http.PostAsync("/users/me/prekeys/check", new JsonObject { ["digest"] = Registration.Base64(digest) });

    private static async Task<int?> FetchIdAsync(Person who, Person whose) =>
        (int?)(await who.Http.GetAsync($"/users/{whose.PublicId}/prekeys?device_id=1")).Expect(200)["one_time_prekey"]?["key_id"];

    private static void ExpectCounts(int oneTime, int pqOneTime, int signedId, JsonObject counts) =>
        Assert.Equal($$"""{"one_time_prekey_count":{{oneTime}},"pq_one_time_prekey_count":{{pqOneTime}},"signed_prekey_id":{{signedId}}}""", counts.ToJsonString());

    private static byte[] DigestOf(Registration registration)
    {
        List<byte> bytes = [.. registration.IdentityKey];
        foreach (var key in (JsonNode?[])[registration.Body["signed_prekey"], registration.Body["pq_last_resort_prekey"]])
        {
            if (key is not null)
            {
                var number = new byte[8];
                BinaryPrimitives.WriteInt64BigEndian(number, (int)key["key_id"]!);
                bytes.AddRange([.. number, .. Convert.FromBase64String((string)key["public_key"]!)]);
            }
        }
        return SHA256.HashData([.. bytes]);
    }
}

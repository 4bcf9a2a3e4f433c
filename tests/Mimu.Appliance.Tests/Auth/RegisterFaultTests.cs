using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Auth;

/// <summary>Protocol 2.1: what is refused, and that it leaves no trace.</summary>
public class RegisterFaultTests(Host host) : IClassFixture<Host>
{
    private static readonly string _zeros = Registration.Base64(new byte[32]);

    /// <summary>p itself: a second spelling of 0 (RFC 7748 section 5).</summary>
    private static readonly string _p = Registration.Base64(Convert.FromHexString("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"));

    [Fact]
    public async Task All_faults_are_told_at_once_with_their_paths()
    {
        var registration = new Registration("Bad Name");
        var body = registration.Body;
        body["password"] = "short";
        body["display_name"] = "";
        body["identity_key"] = _zeros;
        body["fingerprint"] = "abc";
        body["signed_prekey"] = new JsonObject { ["key_id"] = -1, ["public_key"] = "AAAA", ["signature"] = 5 };
        body["one_time_prekeys"] = new JsonArray(Registration.OneTime(1), Registration.OneTime(1), "three", new JsonObject { ["key_id"] = 2, ["public_key"] = _zeros }, null);
        body["pq_last_resort_prekey"] = new JsonObject();
        body["pq_one_time_prekeys"] = new JsonObject();
        body["device_name"] = "tab\there";
        body["signal_registration_id"] = 16381;
        (await PostAsync(body)).ExpectFaults("public_id", "password", "display_name", "identity_key", "fingerprint",
            "signed_prekey.key_id", "signed_prekey.public_key", "signed_prekey.signature",
            "one_time_prekeys[1].key_id", "one_time_prekeys[2]", "one_time_prekeys[3].public_key", "one_time_prekeys[4]",
            "pq_last_resort_prekey.key_id", "pq_last_resort_prekey.public_key", "pq_last_resort_prekey.signature",
            "pq_one_time_prekeys", "device_name", "signal_registration_id");
    }

    [Fact]
    public async Task What_is_required_is_named() =>
        (await PostAsync([])).ExpectFaults("public_id", "password", "identity_key", "signing_public_key", "signed_prekey");

    public static TheoryData<string, string> BadTexts => new()
    {
        { "public_id", "\"ab\"" },
        { "public_id", $"\"{new string('a', 33)}\"" },
        { "public_id", "\"1abc\"" },
        { "public_id", "\"_abc\"" },
        { "public_id", "\".abc\"" },
        { "public_id", "\"ab-c\"" },
        { "public_id", "\"ab c\"" },
        { "public_id", "\" abc\"" },
        { "public_id", "\"abc\\n\"" },
        { "public_id", "\"abc\\u0000\"" },
        { "public_id", "\"\\u0430bc\"" },
        { "public_id", "\"İabc\"" },
        { "public_id", "\"\\u212aelvin\"" },
        { "public_id", "\"me\"" },
        { "public_id", "\"Search\"" },
        { "public_id", "\"ADMIN\"" },
        { "public_id", "\"\"" },
        { "public_id", "7" },
        { "public_id", "[\"alice\"]" },
        { "public_id", "\"abc\\ud800\"" },
        { "password", "\"1234567\"" },
        { "password", $"\"{new string('x', 257)}\"" },
        { "password", "12345678" },
        { "password", "\"eight bytes \\udc00\"" },
        { "display_name", "\"\"" },
        { "display_name", $"\"{new string('x', 65)}\"" },
        { "display_name", "\"a\\u0000b\"" },
        { "display_name", "\"a\\u0085b\"" },
        { "display_name", "\"\\ud83e\"" },
        { "device_name", "\"\"" },
        { "device_name", "\"\\r\\n\"" },
        { "device_name", "{}" },
        { "signal_registration_id", "0" },
        { "signal_registration_id", "-1" },
        { "signal_registration_id", "1.5" },
        { "signal_registration_id", "1e30" },
        { "signal_registration_id", "\"4711\"" },
        { "signal_registration_id", "99999999999999999999" },
        { "fingerprint", "\"\"" },
        { "fingerprint", $"\"{new string('0', 64)}\"" },
        { "fingerprint", "true" },
    };

    [Theory]
    [MemberData(nameof(BadTexts))]
    public async Task A_bad_value_is_named(string member, string json)
    {
        var body = new Registration("somebody").Body;
        body[member] = null;
        var text = body.ToJsonString();
        var name = $"\"{member}\":";
        text = text.Contains(name, StringComparison.Ordinal)
            ? text.Replace($"{name}null", name + json, StringComparison.Ordinal)
            : $"{text[..^1]},{name}{json}}}";
        (await host.Anonymous.PostAsync("/auth/register", text)).ExpectFaults(member);
    }

    [Fact]
    public async Task What_is_no_fingerprint_is_named_also_where_there_is_no_key_to_hold_it_against()
    {
        var registration = new Registration("alice");
        registration.Body.Remove("identity_key");
        registration.Body["fingerprint"] = "abc";
        (await PostAsync(registration.Body)).ExpectFaults("identity_key", "fingerprint");
    }

    [Fact]
    public async Task A_fingerprint_in_upper_case_is_another_form()
    {
        var registration = new Registration("shouting");
        registration.Body["fingerprint"] = registration.Fingerprint.ToUpperInvariant();
        (await PostAsync(registration.Body)).ExpectFaults("fingerprint");
    }

    [Fact]
    public async Task Names_are_counted_in_code_points()
    {
        var registration = new Registration("longname");
        registration.Body["display_name"] = string.Concat(Enumerable.Repeat("🦊", 65));
        (await PostAsync(registration.Body)).ExpectFaults("display_name");
        registration.Body["display_name"] = string.Concat(Enumerable.Repeat("🦊", 64));
        (await PostAsync(registration.Body)).Expect(201);
    }

    public static TheoryData<string> LowOrderPoints =>
    [
        _zeros,
        Registration.Base64([1, .. new byte[31]]),
        Registration.Base64(Convert.FromHexString("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800")),
        Registration.Base64(Convert.FromHexString("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157")),
        Registration.Base64(Convert.FromHexString("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")),
        _p,
        Registration.Base64(Convert.FromHexString("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")),
    ];

    [Theory]
    [MemberData(nameof(LowOrderPoints))]
    public async Task An_X25519_key_of_low_order_is_refused_everywhere(string key)
    {
        var registration = new Registration("loworder");
        registration.Body["identity_key"] = key;
        registration.Body["signed_prekey"] = registration.Signed(1, Convert.FromBase64String(key));
        registration.Body["one_time_prekeys"] = new JsonArray(new JsonObject { ["key_id"] = 1, ["public_key"] = key });
        (await PostAsync(registration.Body)).ExpectFaults("identity_key", "signed_prekey.public_key", "one_time_prekeys[0].public_key");
    }

    public static TheoryData<string> BadEd25519Points =>
    [
        _zeros,
        Registration.Base64([1, .. new byte[31]]),
        Registration.Base64(Convert.FromHexString("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")),
        _p, // not canonical
        Registration.Base64([2, .. new byte[31]]), // not on the curve
    ];

    [Theory]
    [MemberData(nameof(BadEd25519Points))]
    public async Task A_bad_signing_key_is_refused(string key)
    {
        var registration = new Registration("badsigner");
        registration.Body["signing_public_key"] = key;
        var problem = (await PostAsync(registration.Body)).ExpectProblem(422, "validation_failed");
        Assert.Contains("signing_public_key", problem["errors"]!.AsObject().Select(error => error.Key));
    }

    [Fact]
    public async Task A_signature_by_another_key_over_other_bytes_or_with_a_wrong_type_byte_is_refused()
    {
        var other = new Registration("other");
        var registration = new Registration("forger");
        var body = registration.Body;
        body["signed_prekey"] = other.Signed(1, Registration.NewX25519());
        body["pq_last_resort_prekey"] = registration.Signed(1, Registration.NewKem(), typeByte: 0x05);
        var swapped = registration.Signed(2, Registration.NewKem());
        swapped["public_key"] = Registration.Base64(Registration.NewKem());
        body["pq_one_time_prekeys"] = new JsonArray(swapped, registration.Signed(3, Registration.NewKem()));
        (await PostAsync(body)).ExpectFaults("signed_prekey.signature", "pq_last_resort_prekey.signature", "pq_one_time_prekeys[0].signature");
        body["signed_prekey"] = registration.Signed(1, Registration.NewX25519(), typeByte: 0x08);
        (await PostAsync(body)).ExpectFaults("signed_prekey.signature", "pq_last_resort_prekey.signature", "pq_one_time_prekeys[0].signature");
    }

    [Fact]
    public async Task A_number_twice_within_a_kind_is_refused()
    {
        var registration = new Registration("twice");
        registration.Body["one_time_prekeys"] = new JsonArray(Registration.OneTime(7), Registration.OneTime(8), Registration.OneTime(7));
        registration.Body["pq_last_resort_prekey"] = registration.Signed(9, Registration.NewKem());
        registration.Body["pq_one_time_prekeys"] = new JsonArray(registration.Signed(9, Registration.NewKem()), registration.Signed(7, Registration.NewKem()));
        (await PostAsync(registration.Body)).ExpectFaults("one_time_prekeys[2].key_id", "pq_one_time_prekeys[0].key_id");
    }

    [Fact]
    public async Task One_that_is_no_key_takes_no_place_and_no_number_from_the_others()
    {
        var registration = new Registration("places");
        registration.Body["one_time_prekeys"] = new JsonArray("none", new JsonObject { ["key_id"] = "x", ["public_key"] = Registration.Base64(Registration.NewX25519()) },
            Registration.OneTime(0), new JsonObject { ["key_id"] = 1, ["public_key"] = _zeros });
        (await PostAsync(registration.Body)).ExpectFaults("one_time_prekeys[0]", "one_time_prekeys[1].key_id", "one_time_prekeys[3].public_key");
    }

    [Fact]
    public async Task A_hundred_and_one_prekeys_are_too_many()
    {
        var registration = new Registration("toomany").WithOneTimePrekeys(101);
        (await PostAsync(registration.Body)).ExpectFaults("one_time_prekeys");
    }

    [Fact]
    public async Task A_refused_registration_leaves_no_trace()
    {
        var registration = new Registration("second.try");
        registration.Body["signed_prekey"]!["signature"] = Registration.Base64(new byte[64]);
        (await PostAsync(registration.Body)).ExpectFaults("signed_prekey.signature");
        var somebody = await host.RegisterAsync("somebody");
        (await somebody.Http.GetAsync("/users/second.try")).ExpectProblem(404, "not_found");
        (await PostAsync(new Registration("second.try").Body)).Expect(201);
    }

    private Task<Answer> PostAsync(JsonObject body) => host.Anonymous.PostAsync("/auth/register", body);
}

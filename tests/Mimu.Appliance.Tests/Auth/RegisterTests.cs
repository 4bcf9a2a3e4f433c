using System.Globalization;
using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Accounts;

namespace Mimu.Appliance.Tests.Auth;

/// <summary>Protocol 2.1: what is taken.</summary>
public class RegisterTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task A_registration_answers_with_the_first_tokens()
    {
        var registration = new Registration("alice.smith_99");
        var tokens = (await RegisterAsync(registration)).Expect(201);
        Assert.Equal("alice.smith_99", (string?)tokens["public_id"]);
        Assert.Equal(registration.Fingerprint, (string?)tokens["fingerprint"]);
        Assert.Equal(1, (int?)tokens["device_id"]);
        Assert.Equal("Bearer", (string?)tokens["token_type"]);
        Assert.Equal(900, (int?)tokens["expires_in"]);
        Assert.Equal(4, Guid.ParseExact((string)tokens["user_id"]!, "D").Version);
        Assert.Equal(7, Guid.ParseExact((string)tokens["session_id"]!, "D").Version);
        // 256 bits in Base64url (protocol 2.3).
        Assert.True(((string)tokens["refresh_token"]!).Length >= 43);
    }

    [Fact]
    public async Task Upper_case_is_lowered_and_taken_names_stay_taken()
    {
        var tokens = (await RegisterAsync(new Registration("UPPER.Case"))).Expect(201);
        Assert.Equal("upper.case", (string?)tokens["public_id"]);
        (await RegisterAsync(new Registration("upper.case"))).ExpectProblem(409, "public_id_taken");
        (await RegisterAsync(new Registration("Upper.Case"))).ExpectProblem(409, "public_id_taken");
    }

    [Fact]
    public async Task The_display_name_is_the_public_id_unless_one_is_given()
    {
        var plain = await host.RegisterAsync("plain");
        var named = await host.RegisterAsync("named", registration => registration.Body["display_name"] = "Ada 🦊 Lovelace");
        Assert.Equal(plain.PublicId, (string?)(await plain.Http.GetAsync($"/users/{plain.PublicId}")).Expect(200)["display_name"]);
        Assert.Equal("Ada 🦊 Lovelace", (string?)(await plain.Http.GetAsync($"/users/{named.PublicId}")).Expect(200)["display_name"]);
    }

    [Fact]
    public async Task Everything_that_is_optional_may_be_given()
    {
        var registration = new Registration("everything").WithOneTimePrekeys(100).WithPqPrekeys(3);
        registration.Body["display_name"] = "Everything";
        registration.Body["device_name"] = "Pixel 9";
        registration.Body["signal_registration_id"] = 16380;
        registration.Body["fingerprint"] = registration.Fingerprint;
        (await RegisterAsync(registration)).Expect(201);
    }

    [Fact]
    public async Task Null_counts_as_absent_and_unknown_members_are_ignored()
    {
        var registration = new Registration("nulls");
        foreach (var optional in (string[])["display_name", "fingerprint", "one_time_prekeys", "pq_last_resort_prekey", "pq_one_time_prekeys", "device_name", "signal_registration_id"])
        {
            registration.Body[optional] = null;
        }
        registration.Body["a_member_of_tomorrow"] = new JsonObject { ["deep"] = new JsonArray(1, 2, 3) };
        registration.Body["signed_prekey"]!["another"] = "one";
        (await RegisterAsync(registration)).Expect(201);
    }

    [Theory]
    [InlineData(8)]
    [InlineData(256)]
    public async Task A_password_is_counted_in_code_points(int length)
    {
        // Each is two UTF-16 units and four bytes of UTF-8.
        var registration = new Registration($"foxes{length.ToString(CultureInfo.InvariantCulture)}");
        registration.Body["password"] = string.Concat(Enumerable.Repeat("🦊", length));
        (await RegisterAsync(registration)).Expect(201);
        (await LoginAsync(registration)).Expect(200);
    }

    [Fact]
    public async Task A_password_is_taken_as_it_is()
    {
        // A NUL ends nothing, and é written as one code point is not é written as two.
        var registration = new Registration("exactly");
        registration.Body["password"] = "caf\u00e9\0 noir";
        (await RegisterAsync(registration)).Expect(201);
        (await LoginAsync(registration)).Expect(200);
        foreach (var other in (string[])["cafe\u0301\0 noir", "caf\u00e9\0 noirs", "caf\u00e9", "caf\u00e9\0 noir ", "CAF\u00c9\0 noir"])
        {
            registration.Body["password"] = other;
            (await LoginAsync(registration)).ExpectProblem(401, "invalid_credentials");
        }
    }

    [Fact]
    public async Task Signatures_may_cover_the_type_byte_of_libsignal()
    {
        var registration = new Registration("libsignal");
        registration.Body["signed_prekey"] = registration.Signed(1, Registration.NewX25519(), typeByte: 0x05);
        registration.Body["pq_last_resort_prekey"] = registration.Signed(1, Registration.NewKem(), typeByte: 0x08);
        registration.Body["pq_one_time_prekeys"] = new JsonArray(
            registration.Signed(2, Registration.NewKem(), typeByte: 0x0A), registration.Signed(3, Registration.NewKem()));
        (await RegisterAsync(registration)).Expect(201);
    }

    [Fact]
    public async Task Numbers_of_keys_reach_from_0_to_the_largest_and_are_one_space_a_kind()
    {
        var registration = new Registration("numbers");
        registration.Body["signed_prekey"] = registration.Signed(int.MaxValue, Registration.NewX25519());
        registration.Body["one_time_prekeys"] = new JsonArray(Registration.OneTime(int.MaxValue), Registration.OneTime(0));
        registration.Body["pq_one_time_prekeys"] = new JsonArray(registration.Signed(0, Registration.NewKem()), registration.Signed(int.MaxValue, Registration.NewKem()));
        (await RegisterAsync(registration)).Expect(201);
    }

    [Fact]
    public async Task Of_two_at_once_with_one_name_one_gets_it()
    {
        for (var round = 0; round < 5; round++)
        {
            var name = $"race{round.ToString(CultureInfo.InvariantCulture)}";
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => RegisterAsync(new Registration(name))));
            Assert.Equal([201, 409, 409, 409], answers.Select(answer => answer.Status).Order());
            Assert.All(answers.Where(answer => answer.Status == 409), answer => answer.ExpectProblem(409, "public_id_taken"));
        }
    }

    [Theory]
    [InlineData("closed", "registration_closed")]
    [InlineData("invite", "invite_invalid")]
    public async Task A_server_may_take_nobody(string mode, string code)
    {
        await using var other = await Host.Start(options => options.Registration.Mode = Enum.Parse<RegistrationMode>(mode, ignoreCase: true));
        (await other.Anonymous.PostAsync("/auth/register", new Registration("nobody").Body)).ExpectProblem(403, code);
        Assert.Equal(mode, (string?)(await other.Anonymous.GetAsync("/.well-known/mimu")).Expect(200)["registration"]);
        // What is wrong with the body is told first, as everywhere.
        (await other.Anonymous.PostAsync("/auth/register", new JsonObject { ["public_id"] = "me" }))
            .ExpectFaults("public_id", "password", "identity_key", "signing_public_key", "signed_prekey");
    }

    private Task<Answer> RegisterAsync(Registration registration) => host.Anonymous.PostAsync("/auth/register", registration.Body);

    private Task<Answer> LoginAsync(Registration registration) => host.Anonymous.PostAsync("/auth/login",
        new JsonObject { ["public_id"] = (string)registration.Body["public_id"]!, ["password"] = (string)registration.Body["password"]! });
}

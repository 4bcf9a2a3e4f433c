using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Accounts;

namespace Mimu.Appliance.Tests.Admin;

/// <summary>Invitations (protocol 2.1 and section 15), made at the command line and used over HTTP.</summary>
public class InviteTests : IAsyncLifetime
{
    private Host _host = null!;

    private CommandLine Mimu => CommandLine.Of(_host);

    public async Task InitializeAsync() => _host = await Host.Start(options => options.Registration.Mode = RegistrationMode.Invite);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task An_invitation_lets_as_many_in_as_it_has_uses()
    {
        var made = await Mimu.AskAsync("admin", "invite", "create", "--uses", "2", "--expires", "1h");
        Assert.Equal(["code", "uses", "expires_at"], made.Select(member => member.Key));
        Assert.Equal(2, (int?)made["uses"]);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$", (string)made["expires_at"]!);
        var code = (string)made["code"]!;

        (await RegisterAsync("one", code)).Expect(201);
        (await RegisterAsync("two", $" {code.ToUpperInvariant()} ")).Expect(201);
        (await RegisterAsync("three", code)).ExpectProblem(403, "invite_invalid");
        Assert.Equal(0L, _host.Sql("SELECT count(*) FROM accounts WHERE public_id = 'three'"));
        Assert.Empty((await Mimu.AskAsync("admin", "invite", "list"))["invites"]!.AsArray());
    }

    [Fact]
    public async Task Without_a_good_code_nobody_learns_anything()
    {
        var code = await CreateAsync();
        (await RegisterAsync("first", code)).Expect(201);
        foreach (var wrong in (string?[])[null, "", "nonsense", code])
        {
            (await RegisterAsync("first", wrong)).ExpectProblem(403, "invite_invalid");
        }
    }

    [Fact]
    public async Task A_refused_registration_uses_nothing()
    {
        var code = await CreateAsync();
        (await RegisterAsync("taken", await CreateAsync())).Expect(201);
        (await RegisterAsync("taken", code)).ExpectProblem(409, "public_id_taken");
        (await RegisterAsync("free", code)).Expect(201);
    }

    [Fact]
    public async Task Of_two_at_once_on_one_use_one_gets_in()
    {
        for (var round = 0; round < 5; round++)
        {
            var code = await CreateAsync();
            var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => RegisterAsync($"race{round}.{i}", code)));
            Assert.Equal([201, 403, 403], answers.Select(answer => answer.Status).Order());
        }
    }

    [Fact]
    public async Task An_invitation_may_be_for_one_name()
    {
        var code = await CreateAsync("--public-id", "Alice");
        (await RegisterAsync("mallory", code)).ExpectProblem(403, "invite_invalid");
        (await RegisterAsync("alice", code)).Expect(201);
        Assert.Contains("alice is taken", await Mimu.ExpectRefusalAsync(1, "admin", "invite", "create", "--public-id", "alice"), StringComparison.Ordinal);
        Assert.Contains("public_id must be", await Mimu.ExpectRefusalAsync(2, "admin", "invite", "create", "--public-id", "me"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invitation_expires()
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 11, 22, 18, 50, 0, TimeSpan.Zero));
        await using var host = await Host.Start(options => options.Registration.Mode = RegistrationMode.Invite, clock);
        var made = await CommandLine.Of(host).AskAsync("admin", "invite", "create", "--uses", "5", "--expires", "2h");
        Assert.Equal("2026-11-22T20:50:00.000Z", (string?)made["expires_at"]);
        var usual = await CommandLine.Of(host).AskAsync("admin", "invite", "create");
        Assert.Equal("2026-11-29T18:50:00.000Z", (string?)usual["expires_at"]);
        Assert.Equal(1, (int?)usual["uses"]);

        clock.Advance(TimeSpan.FromHours(2) - TimeSpan.FromMilliseconds(1));
        (await RegisterAsync(host, "early", (string?)made["code"])).Expect(201);
        clock.Advance(TimeSpan.FromMilliseconds(1));
        (await RegisterAsync(host, "late", (string?)made["code"])).ExpectProblem(403, "invite_invalid");
        Assert.Single((await CommandLine.Of(host).AskAsync("admin", "invite", "list"))["invites"]!.AsArray());
    }

    [Fact]
    public async Task Invitations_are_listed_without_their_codes_and_revoked_by_number_or_code()
    {
        Assert.Equal((0, "There are no invitations.\n", ""), await Mimu.RunAsync("admin", "invite", "list"));
        var first = await CreateAsync("--uses", "3");
        var second = await CreateAsync("--public-id", "bob");
        (await RegisterAsync("alice", first)).Expect(201);

        var invites = (await Mimu.AskAsync("admin", "invite", "list"))["invites"]!.AsArray();
        Assert.Equal(["id", "uses_left", "public_id", "created_at", "expires_at"], invites[0]!.AsObject().Select(member => member.Key));
        Assert.Equal([2, 1], invites.Select(invite => (int)invite!["uses_left"]!));
        Assert.Equal([null, "bob"], invites.Select(invite => (string?)invite!["public_id"]));
        var (_, table, _) = await Mimu.RunAsync("admin", "invite", "list");
        Assert.DoesNotContain(first, table, StringComparison.Ordinal);
        Assert.Equal(3, table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);

        Assert.Equal(0, (await Mimu.RunAsync("admin", "invite", "revoke", invites[0]!["id"]!.ToString())).Code);
        Assert.Equal(0, (await Mimu.RunAsync("admin", "invite", "revoke", second)).Code);
        await Mimu.ExpectRefusalAsync(1, "admin", "invite", "revoke", second);
        (await RegisterAsync("late", first)).ExpectProblem(403, "invite_invalid");
        (await RegisterAsync("bob", second)).ExpectProblem(403, "invite_invalid");
    }

    [Fact]
    public async Task No_code_is_kept()
    {
        var code = await CreateAsync();
        Assert.Equal(0L, _host.Sql("SELECT count(*) FROM invites WHERE instr(lower(CAST(code_hash AS TEXT)), $code) > 0", ("$code", code)));
        Assert.Equal(1L, _host.Sql("SELECT count(*) FROM invites WHERE length(code_hash) = 32"));
    }

    [Theory]
    [InlineData("--uses", "0")]
    [InlineData("--uses", "100001")]
    public async Task What_makes_no_sense_is_refused_in_a_sentence(string option, string value) =>
        Assert.Contains("uses must be a whole number from 1 to 100000", await Mimu.ExpectRefusalAsync(2, "admin", "invite", "create", option, value), StringComparison.Ordinal);

    [Theory]
    [InlineData("soon")]
    [InlineData("0s")]
    [InlineData("100000d")]
    public async Task A_duration_has_a_form(string duration)
    {
        var (code, _, error) = await Mimu.RunAsync("admin", "invite", "create", "--expires", duration);
        Assert.Equal(2, code);
        Assert.Contains($"--expires: \"{duration}\"", error, StringComparison.Ordinal);
    }

    private async Task<string> CreateAsync(params string[] options) => (string)(await Mimu.AskAsync(["admin", "invite", "create", .. options]))["code"]!;

    private Task<Answer> RegisterAsync(string name, string? code) => RegisterAsync(_host, name, code);

    private static Task<Answer> RegisterAsync(Host host, string name, string? code)
    {
        var registration = new Registration(name);
        registration.Body["invite_code"] = code is null ? null : JsonValue.Create(code);
        return host.Anonymous.PostAsync("/auth/register", registration.Body);
    }
}

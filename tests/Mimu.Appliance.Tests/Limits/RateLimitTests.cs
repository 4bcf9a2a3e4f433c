using System.Globalization;
using System.Text.Json.Nodes;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Limits;

/// <summary>Protocol section 14: who may do what how often. Refused calls count too.</summary>
public sealed class RateLimitTests
{
    [Fact]
    public async Task A_sixth_registration_from_one_address_is_told_to_wait()
    {
        await using var host = await StartAsync(_ => { });
        for (var i = 0; i < 5; i++)
        {
            await host.RegisterAsync("alice");
        }
        var answer = await host.Anonymous.PostAsync("/auth/register", new Registration("late_comer").Body);
        answer.ExpectProblem(429, "rate_limited");
        Assert.InRange(int.Parse(answer.Header("Retry-After")!, CultureInfo.InvariantCulture), 1, 3600);
    }

    [Fact]
    public async Task Registrations_that_are_refused_count_too()
    {
        await using var host = await StartAsync(_ => { });
        for (var i = 0; i < 5; i++)
        {
            (await host.Anonymous.PostAsync("/auth/register", "{}")).ExpectProblem(422, "validation_failed");
        }
        (await host.Anonymous.PostAsync("/auth/register", "{}")).ExpectProblem(429, "rate_limited");
    }

    [Fact]
    public async Task Guessing_one_accounts_password_is_held_back_whatever_address_it_comes_from()
    {
        await using var host = await StartAsync(options => options.Server.TrustedProxies = ["127.0.0.1"]);
        var alice = await host.RegisterAsync("alice");
        for (var i = 0; i < 5; i++)
        {
            (await LoginFromAsync(host, alice.PublicId, $"198.51.100.{i}")).ExpectProblem(401, "invalid_credentials");
        }
        (await LoginFromAsync(host, alice.PublicId.ToUpperInvariant(), "198.51.100.9")).ExpectProblem(429, "rate_limited");
        (await LoginFromAsync(host, "somebody_else", "198.51.100.9")).ExpectProblem(401, "invalid_credentials");
    }

    [Fact]
    public async Task A_stolen_session_can_guess_at_the_password_no_faster_than_a_login_can()
    {
        await using var host = await StartAsync(_ => { });
        var alice = await host.RegisterAsync("alice");
        var guess = new JsonObject { ["password"] = "not the password" };
        var change = new JsonObject { ["current_password"] = "not the password", ["new_password"] = "another password" };
        for (var i = 0; i < 3; i++)
        {
            (await alice.Http.PostAsync("/auth/change-password", change)).ExpectProblem(403, "password_incorrect");
        }
        (await alice.Http.DeleteAsync("/users/me", guess)).ExpectProblem(403, "password_incorrect");
        (await alice.Http.PutAsync("/users/me/keys", guess)).ExpectProblem(422, "validation_failed");
        (await alice.Http.PostAsync("/users/me/devices", guess)).ExpectProblem(429, "rate_limited");
        (await alice.Http.PostAsync("/auth/change-password", change)).ExpectProblem(429, "rate_limited");
    }

    [Fact]
    public async Task A_trusted_proxy_tells_the_clients_address_and_an_IPv6_customer_counts_as_one()
    {
        await using var host = await StartAsync(options => options.Server.TrustedProxies = ["127.0.0.1", "10.0.0.0/8"]);
        for (var i = 0; i < 10; i++)
        {
            // What a client claims stands before what the trusted proxies added, and counts for nothing.
            (await LoginFromAsync(host, $"nobody_{i}", $"203.0.113.{i}, 2001:db8:1:2::{i:x}, 10.1.2.3")).ExpectProblem(401, "invalid_credentials");
        }
        (await LoginFromAsync(host, "nobody", "2001:db8:1:2:ffff::1, 10.1.2.3")).ExpectProblem(429, "rate_limited");
        (await LoginFromAsync(host, "nobody", "2001:db8:1:3::1, 10.1.2.3")).ExpectProblem(401, "invalid_credentials");
    }

    [Fact]
    public async Task Without_a_trusted_proxy_nobody_chooses_an_address()
    {
        await using var host = await StartAsync(_ => { });
        for (var i = 0; i < 10; i++)
        {
            (await LoginFromAsync(host, $"nobody_{i}", $"203.0.113.{i}")).ExpectProblem(401, "invalid_credentials");
        }
        (await LoginFromAsync(host, "nobody", "203.0.113.99")).ExpectProblem(429, "rate_limited");
    }

    [Fact]
    public async Task One_caller_can_drain_little_of_one_persons_prekeys()
    {
        await using var host = await StartAsync(_ => { });
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        for (var i = 0; i < 5; i++)
        {
            (await alice.Http.GetAsync($"/users/{bob.PublicId}/prekeys")).Expect(200);
        }
        (await alice.Http.GetAsync($"/users/{bob.PublicId}/prekeys")).ExpectProblem(429, "rate_limited");
        (await alice.Http.GetAsync($"/users/{carol.PublicId}/prekeys")).Expect(200);
        (await carol.Http.GetAsync($"/users/{bob.PublicId}/prekeys")).Expect(200);
    }

    [Fact]
    public async Task Sending_over_a_socket_and_over_HTTP_takes_from_one_bucket_and_stores_nothing_when_it_is_empty()
    {
        await using var host = await StartAsync(options => options.Limits.Rates.Send = new Rate(2, 0.1));
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        await alice.SendAsync(chat, "one");
        await using var socket = await alice.ConnectAsync();
        await socket.SendAsync(Frame(chat, "two"));
        await socket.ExpectAckAsync("two");
        await socket.SendAsync(Frame(chat, "three"));
        await socket.ExpectErrorAsync("rate_limited", "three");
        (await alice.TrySendAsync(chat, [4])).ExpectProblem(429, "rate_limited");
        Assert.Equal(2, (await bob.ListMessagesAsync(chat))["messages"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_refresh_is_limited_by_session()
    {
        await using var host = await StartAsync(options => options.Limits.Rates.Refresh = new Rate(2, 0.1));
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        await alice.RefreshAsync();
        await alice.RefreshAsync();
        (await alice.TryRefreshAsync()).ExpectProblem(429, "rate_limited");
        await bob.RefreshAsync();
    }

    [Fact]
    public async Task Too_many_frames_close_the_socket()
    {
        await using var host = await StartAsync(options => options.Limits.Rates.Frames = new Rate(10, 0.1));
        var alice = await host.RegisterAsync("alice");
        await using var socket = await alice.ConnectAsync();
        for (var i = 0; i < 11; i++)
        {
            await socket.SendAsync("""{"type":"Ping"}""");
        }
        await socket.ExpectCloseAfterFramesAsync(4429);
    }

    private static Task<Host> StartAsync(Action<MimuOptions> settings) => Host.Start(options =>
    {
        options.Limits.Rates.Enabled = true;
        settings(options);
    });

    private static JsonObject Frame(string chat, string id)
    {
        var frame = Person.MessageOf(chat, [1, 2, 3]);
        frame["type"] = "SendMessage";
        frame["id"] = id;
        return frame;
    }

    private static Task<Answer> LoginFromAsync(Host host, string publicId, string forwardedFor) => host.Anonymous.SendAsync(
        HttpMethod.Post, "/auth/login",
        new StringContent(new JsonObject { ["public_id"] = publicId, ["password"] = "not the password" }.ToJsonString(), System.Net.Http.Headers.MediaTypeHeaderValue.Parse("application/json")),
        request => request.Headers.TryAddWithoutValidation("X-Forwarded-For", forwardedFor));
}

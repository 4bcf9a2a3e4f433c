using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Http;

/// <summary>Protocol section 1: paths, methods and what every answer carries.</summary>
public class RouteTests(Host host) : IClassFixture<Host>
{
    [Theory]
    [InlineData("/")]
    [InlineData("/nothing/here")]
    [InlineData("/auth")]
    [InlineData("/auth/")]
    [InlineData("/api/v1")]
    [InlineData("/api/v1/chats/0190b2c7-0000-7000-8000-000000000000/nothing")]
    [InlineData("/api/v1/messages/not-an-id/nothing")]
    [InlineData("/api/v2/messages")]
    [InlineData("/metrics")]
    [InlineData("/users/alice/prekeys/1")]
    [InlineData("/../etc/passwd")]
    [InlineData("/%2e%2e/etc/passwd")]
    public async Task An_unknown_path_is_not_found_with_and_without_a_token(string path)
    {
        var alice = await host.RegisterAsync("alice");
        foreach (var http in (Stage.Http[])[host.Anonymous, alice.Http, alice.Http.With("garbage")])
        {
            foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post, HttpMethod.Delete])
            {
                (await http.SendAsync(method, path, content: null)).ExpectProblem(404, "not_found");
            }
        }
    }

    [Theory]
    [InlineData("GET", "/auth/register", "POST")]
    [InlineData("PUT", "/auth/login", "POST")]
    [InlineData("DELETE", "/auth/refresh", "POST")]
    [InlineData("POST", "/users/search", "GET")]
    [InlineData("PATCH", "/users/alice", "GET")]
    [InlineData("POST", "/users/alice/prekeys", "GET")]
    [InlineData("DELETE", "/api/v1/chats", "GET, POST")]
    [InlineData("DELETE", "/api/v1/messages", "GET, POST")]
    [InlineData("POST", "/api/v1/sync", "GET")]
    [InlineData("POST", "/ws", "CONNECT, GET")]
    [InlineData("POST", "/.well-known/mimu", "GET")]
    [InlineData("OPTIONS", "/healthz", "GET")]
    [InlineData("HEAD", "/readyz", "GET")]
    [InlineData("MADEUP", "/api/v1/sync", "GET")]
    public async Task A_method_that_a_path_does_not_have_is_told_which_it_has(string method, string path, string allowed)
    {
        foreach (var http in (Stage.Http[])[host.Anonymous, host.Anonymous.With("garbage")])
        {
            var answer = await http.SendAsync(new HttpMethod(method), path, content: null);
            Assert.Equal(allowed, string.Join(", ", answer.Header("Allow")!.Split(", ").Order(StringComparer.Ordinal)));
            if (method is not "HEAD")
            {
                answer.ExpectProblem(405, "method_not_allowed");
            }
        }
    }

    [Fact]
    public async Task Every_answer_says_that_it_is_no_page_and_not_for_keeping()
    {
        var alice = await host.RegisterAsync("alice");
        foreach (var answer in (Answer[])[
            await alice.Http.GetAsync("/api/v1/sync"),
            await host.Anonymous.GetAsync("/api/v1/sync"),
            await host.Anonymous.GetAsync("/nothing"),
            await host.Anonymous.GetAsync("/auth/login"),
            await host.Anonymous.PostAsync("/auth/login", "{}"),
            await host.Anonymous.GetAsync("/healthz")])
        {
            Assert.Equal("no-store", answer.Header("Cache-Control"));
            Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
            Assert.Null(answer.Header("Server"));
            Assert.Null(answer.Header("X-Powered-By"));
            Assert.NotNull(answer.Header("Content-Length"));
        }
    }

    [Fact]
    public async Task Every_problem_has_a_trace_id_of_its_own()
    {
        var ids = new HashSet<string>();
        for (var i = 0; i < 20; i++)
        {
            Assert.True(ids.Add((string)(await host.Anonymous.GetAsync("/nothing")).ExpectProblem(404, "not_found")["trace_id"]!));
        }
    }

    [Fact]
    public async Task Web_clients_of_the_origins_in_the_settings_are_let_in()
    {
        await using var open = await Host.Start(options => options.Server.CorsOrigins = ["https://web.example.org"]);
        var preflight = await AskAsync(open, "https://web.example.org");
        Assert.Equal(204, preflight.Status);
        Assert.Equal("https://web.example.org", preflight.Header("Access-Control-Allow-Origin"));
        Assert.Equal("POST", preflight.Header("Access-Control-Allow-Methods"));
        Assert.Equal("authorization,content-type", preflight.Header("Access-Control-Allow-Headers"));
        // What was refused must be readable too, or a web client can't tell token_expired from a broken network.
        var refused = await open.Anonymous.SendAsync(HttpMethod.Get, "/api/v1/sync", content: null, request => request.Headers.Add("Origin", "https://web.example.org"));
        refused.ExpectProblem(401, "unauthorized");
        Assert.Equal("https://web.example.org", refused.Header("Access-Control-Allow-Origin"));

        Assert.Null((await AskAsync(open, "https://evil.example.org")).Header("Access-Control-Allow-Origin"));
        var closed = await AskAsync(host, "https://web.example.org");
        Assert.Null(closed.Header("Access-Control-Allow-Origin"));
        closed.ExpectProblem(405, "method_not_allowed");

        static Task<Answer> AskAsync(Host host, string origin) => host.Anonymous.SendAsync(HttpMethod.Options, "/api/v1/messages", content: null, request =>
        {
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", "POST");
            request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
        });
    }
}

using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mimu.Appliance.Http;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Architecture;

/// <summary>The routes that there are, the protocol page, and who asks for a token.</summary>
public class RouteCatalogueTests(Host host) : IClassFixture<Host>
{
    private static readonly string[] _anonymous =
    [
        "CONNECT /ws", // takes its token in the query too, and so reads it itself
        "GET /.well-known/mimu",
        "GET /healthz",
        "GET /openapi.json",
        "GET /readyz",
        "GET /ws",
        "POST /auth/login",
        "POST /auth/refresh",
        "POST /auth/register",
        "POST /auth/reset-password",
        "POST /subscriptions/notifications/apple",
        "POST /subscriptions/notifications/google",
    ];

    [Fact]
    public void The_protocol_page_has_every_route()
    {
        var page = Repository.Read("docs", "protocol.md");
        Assert.NotEmpty(Routes());
        Assert.All(Routes(), route => Assert.Contains($"`{route.Name}", page, StringComparison.Ordinal));
    }

    [Fact]
    public void These_routes_and_no_others_ask_for_no_token() => Assert.Equal(_anonymous,
        Routes().Where(route => route.Endpoint.Metadata.GetMetadata<Anonymous>() is not null).Select(route => route.Name).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_other_route_demands_a_good_token()
    {
        foreach (var (name, endpoint) in Routes().Where(route => !_anonymous.Contains(route.Name)))
        {
            // Somebody new each time: some of these routes end the session.
            var alice = await host.RegisterAsync("alice");
            var (method, path) = (new HttpMethod(name.Split(' ')[0]), FilledIn(endpoint));
            (await host.Anonymous.SendAsync(method, path, content: null)).ExpectProblem(401, "unauthorized");
            (await alice.Http.With(alice.RefreshToken).SendAsync(method, path, content: null)).ExpectProblem(401, "unauthorized");
            Assert.NotEqual(401, (await alice.Http.SendAsync(method, path, content: null)).Status);
        }
    }

    [Fact]
    public void No_endpoint_is_of_a_kind_that_authentication_would_pass_over() => Assert.All(
        host.Services.GetRequiredService<EndpointDataSource>().Endpoints, endpoint => Assert.IsType<RouteEndpoint>(endpoint));

    private List<(string Name, RouteEndpoint Endpoint)> Routes() =>
    [
        .. from endpoint in host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           from method in endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods
           select ($"{method} /{endpoint.RoutePattern.RawText!.Trim('/')}", endpoint),
    ];

    private static string FilledIn(RouteEndpoint endpoint) =>
        "/" + string.Join('/', endpoint.RoutePattern.PathSegments.Select(segment => segment.IsSimple && segment.Parts[0].IsParameter ? "somebody" : string.Concat(
            segment.Parts.Cast<Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart>().Select(part => part.Content))));
}

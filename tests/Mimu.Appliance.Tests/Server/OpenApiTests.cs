using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Mimu.Appliance.Http;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Server;

/// <summary>Protocol section 12: the description for programs is made from the code, and complete.</summary>
public sealed partial class OpenApiTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task Every_route_is_described_with_what_it_does_and_answers()
    {
        var paths = (await DocumentAsync())["paths"]!;
        foreach (var (method, path) in Routes())
        {
            var operation = paths[path]?[method.ToLowerInvariant()];
            Assert.True(operation is not null, $"{method} {path} is not described");
            Assert.False(string.IsNullOrEmpty((string?)operation["summary"]), $"{method} {path} has no summary");
            Assert.Contains(operation["responses"]!.AsObject(), response => response.Key is "101" or "200" or "201" or "204");
            Assert.Equal(method is "POST" or "PUT" or "PATCH", (operation["requestBody"] is not null && method is not "DELETE") || IsBodiless(method, path));
        }
    }

    [Fact]
    public async Task Every_refusal_is_told_under_the_status_of_its_code()
    {
        var told = new HashSet<string>();
        foreach (var (path, operations) in (await DocumentAsync())["paths"]!.AsObject())
        {
            foreach (var (method, operation) in operations!.AsObject())
            {
                foreach (var (status, response) in operation!["responses"]!.AsObject())
                {
                    foreach (Match code in Code().Matches((string)response!["description"]!))
                    {
                        Assert.True(Problems.Statuses.TryGetValue(code.Groups[1].Value, out var expected), $"{method} {path} tells of {code}, which is no code");
                        Assert.Equal(status, expected.ToString(System.Globalization.CultureInfo.InvariantCulture));
                        told.Add(code.Groups[1].Value);
                    }
                }
            }
        }
        // A wrong method is refused where there is no route to describe.
        var untold = Problems.Statuses.Keys.Except(told).Except(["method_not_allowed"]).ToList();
        Assert.True(untold.Count == 0, $"no route tells of {string.Join(", ", untold)}");
    }

    [Fact]
    public async Task Every_reference_leads_to_a_schema()
    {
        var document = await DocumentAsync();
        var schemas = document["components"]!["schemas"]!.AsObject();
        foreach (Match reference in Reference().Matches(document.ToJsonString()))
        {
            Assert.True(schemas.ContainsKey(reference.Groups[1].Value), $"{reference.Value} leads nowhere");
        }
    }

    [Fact]
    public async Task A_body_is_described_as_its_parser_reads_it()
    {
        var schema = (await DocumentAsync())["paths"]!["/auth/register"]!["post"]!["requestBody"]!["content"]!["application/json"]!["schema"]!;
        Assert.Equal(["public_id", "password", "identity_key", "signing_public_key", "signed_prekey"], schema["required"]!.AsArray().Select(name => (string)name!));
        Assert.Equal("32 bytes", (string?)schema["properties"]!["signed_prekey"]!["properties"]!["public_key"]!["description"]);
        Assert.Equal(100, (int?)schema["properties"]!["pq_one_time_prekeys"]!["maxItems"]);
        Assert.Equal(2147483647, (long?)schema["properties"]!["one_time_prekeys"]!["items"]!["properties"]!["key_id"]!["maximum"]);
    }

    [Fact]
    public async Task Only_calls_without_a_token_are_described_as_such()
    {
        var paths = (await DocumentAsync())["paths"]!;
        Assert.Empty(paths["/auth/login"]!["post"]!["security"]!.AsArray());
        Assert.Single(paths["/api/v1/messages"]!["post"]!["security"]!.AsArray());
    }

    private async Task<JsonObject> DocumentAsync() => (await host.Anonymous.GetAsync("/openapi.json")).Expect(200);

    /// <summary>Calls that say all by their path.</summary>
    private static bool IsBodiless(string method, string path) => (method, path) is
        ("POST", "/auth/logout") or ("POST", "/auth/logout-all") or ("POST", "/auth/ws-ticket") or ("PUT", "/users/me/blocks/{public_id}");

    private IEnumerable<(string Method, string Path)> Routes()
    {
        foreach (var endpoint in host.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>())
        {
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()!.HttpMethods.Where(method => !HttpMethods.IsConnect(method)))
            {
                yield return (method, $"/{endpoint.RoutePattern.RawText!.Trim('/')}");
            }
        }
    }

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Code();

    [GeneratedRegex("#/components/schemas/([A-Za-z]+)")]
    private static partial Regex Reference();
}

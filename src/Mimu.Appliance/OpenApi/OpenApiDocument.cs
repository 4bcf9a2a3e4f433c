using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Metadata;
using Mimu.Appliance.Http;
using Mimu.Appliance.Server;
using Mimu.Core;

namespace Mimu.Appliance.OpenApi;

/// <summary>
/// The description of the server for programs (OpenAPI 3.1.1), made from what the endpoints say of themselves. Made at the first request: nobody waits for it
/// at the start.
/// </summary>
internal sealed class OpenApiDocument(IEnumerable<EndpointDataSource> sources, ServerDescription server)
{
    private const string ProblemName = "Problem";

    private byte[]? _text;

    /// <summary>The document in UTF-8.</summary>
    public byte[] Text => _text ??= System.Text.Encoding.UTF8.GetBytes(Build().ToJsonString());

    private JsonObject Build()
    {
        var schemas = new JsonObject { [ProblemName] = AnswerSchema.Problem() };
        var paths = new JsonObject();
        foreach (var endpoint in sources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>())
        {
            var path = $"/{endpoint.RoutePattern.RawText!.Trim('/')}";
            paths[path] ??= new JsonObject();
            foreach (var method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? [])
            {
                // OpenAPI knows no CONNECT; it is the handshake of the same WebSocket over HTTP/2.
                if (!HttpMethods.IsConnect(method))
                {
                    paths[path]![method.ToLowerInvariant()] = Operation(endpoint, schemas);
                }
            }
        }
        return new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject { ["title"] = "Mimu", ["version"] = ServerDescription.Version, ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["identifier"] = "Apache-2.0" } },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = server.Url }),
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas,
                ["securitySchemes"] = new JsonObject
                {
                    ["access_token"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer", ["bearerFormat"] = "JWT" },
                },
            },
        };
    }

    private static JsonObject Operation(RouteEndpoint endpoint, JsonObject schemas)
    {
        var operation = new JsonObject { ["summary"] = endpoint.Metadata.GetMetadata<IEndpointSummaryMetadata>()?.Summary };
        var parameters = Parameters(endpoint);
        if (parameters.Count > 0)
        {
            operation["parameters"] = parameters;
        }
        if (endpoint.Metadata.GetMetadata<Takes>() is { } takes)
        {
            operation["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content("application/json", takes.Schema()) };
        }
        operation["responses"] = Responses(endpoint, schemas);
        operation["security"] = IsAnonymous(endpoint) ? new JsonArray() : new JsonArray(new JsonObject { ["access_token"] = new JsonArray() });
        return operation;
    }

    private static JsonArray Parameters(RouteEndpoint endpoint)
    {
        var parameters = new JsonArray();
        foreach (var parameter in endpoint.RoutePattern.Parameters)
        {
            parameters.Add((JsonNode)Parameter(parameter.Name, "path", required: true, new JsonObject { ["type"] = "string" }));
        }
        if (endpoint.Metadata.GetMetadata<Asks>() is { } asks)
        {
            var asked = asks.Schema();
            foreach (var (name, schema) in asked["properties"]!.AsObject())
            {
                var required = asked["required"]?.AsArray().Any(member => (string?)member == name) is true;
                parameters.Add((JsonNode)Parameter(name, "query", required, schema!.DeepClone()));
            }
        }
        return parameters;
    }

    private static JsonObject Parameter(string name, string place, bool required, JsonNode schema) =>
        new() { ["name"] = name, ["in"] = place, ["required"] = required, ["schema"] = schema };

    private static JsonObject Responses(RouteEndpoint endpoint, JsonObject schemas)
    {
        var responses = new JsonObject();
        foreach (var gives in endpoint.Metadata.GetOrderedMetadata<Gives>())
        {
            var response = new JsonObject { ["description"] = gives.Name ?? "Done" };
            if (gives is { Name: { } name, Schema: { } schema })
            {
                schemas[name] ??= schema();
                response["content"] = Content("application/json", Reference(name));
            }
            responses[Status(gives.Status)] = response;
        }
        foreach (var status in Refusals(endpoint).Distinct().GroupBy(code => Problems.Statuses[code]).OrderBy(status => status.Key))
        {
            // Being not ready is what /readyz is asked about.
            responses[Status(status.Key)] ??= new JsonObject
            {
                ["description"] = string.Join(", ", status.Select(code => $"`{code}`")),
                ["content"] = Content("application/problem+json", Reference(ProblemName)),
            };
        }
        return responses;
    }

    /// <summary>An endpoint's own refusals, and those that follow from how it is called.</summary>
    private static IEnumerable<string> Refusals(RouteEndpoint endpoint)
    {
        IEnumerable<string> codes = endpoint.Metadata.GetOrderedMetadata<Refuses>().SelectMany(refuses => refuses.Errors).Select(error => error.Code);
        if (!IsAnonymous(endpoint))
        {
            codes = [Errors.Unauthorized.Code, Errors.TokenExpired.Code, Errors.SessionEnded.Code, .. codes];
        }
        if (endpoint.Metadata.GetMetadata<Takes>() is not null)
        {
            codes = [Errors.MalformedRequest.Code, Errors.PayloadTooLarge.Code, Errors.UnsupportedMediaType.Code, new ValidationFailed([]).Code, Errors.InsufficientStorage.Code, .. codes];
        }
        if (endpoint.Metadata.GetMetadata<Asks>() is not null)
        {
            codes = [new ValidationFailed([]).Code, .. codes];
        }
        if (endpoint.Metadata.GetMetadata<Limited>() is not null)
        {
            codes = [new RateLimited(default).Code, .. codes];
        }
        return [.. codes, Errors.InternalError.Code, Errors.Unavailable.Code];
    }

    private static bool IsAnonymous(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<Anonymous>() is not null;

    private static string Status(int status) => status.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static JsonObject Content(string mediaType, JsonNode schema) => new() { [mediaType] = new JsonObject { ["schema"] = schema } };

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };
}

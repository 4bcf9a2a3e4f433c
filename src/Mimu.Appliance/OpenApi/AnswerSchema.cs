using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;

namespace Mimu.Appliance.OpenApi;

/// <summary>The schemas of what is answered: from the same generated code that serialises it.</summary>
internal static class AnswerSchema
{
    private static readonly JsonSchemaExporterOptions _options = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = static (context, schema) =>
        {
            if (schema is JsonObject described && context.TypeInfo.Type == typeof(byte[]))
            {
                described["contentEncoding"] = "base64";
            }
            return schema;
        },
    };

    public static JsonNode Of(JsonTypeInfo type) => type.GetJsonSchemaAsNode(_options);

    /// <summary>Events by pull, which are written by hand (protocol section 6).</summary>
    public static JsonNode Sync() => new JsonObject
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["events"] = new JsonObject
            {
                ["type"] = "array",
                ["items"] = new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = new JsonObject
                    {
                        ["type"] = new JsonObject { ["type"] = "string" },
                        ["cursor"] = new JsonObject { ["type"] = "string" },
                        ["data"] = new JsonObject { ["type"] = "object" },
                    },
                    ["required"] = new JsonArray("type", "cursor", "data"),
                },
            },
            ["cursor"] = new JsonObject { ["type"] = "string" },
            ["has_more"] = new JsonObject { ["type"] = "boolean" },
        },
        ["required"] = new JsonArray("events", "cursor", "has_more"),
    };

    /// <summary>Refusals (RFC 9457, protocol section 1).</summary>
    public static JsonNode Problem() => new JsonObject
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["type"] = new JsonObject { ["type"] = "string" },
            ["title"] = new JsonObject { ["type"] = "string" },
            ["status"] = new JsonObject { ["type"] = "integer" },
            ["detail"] = new JsonObject { ["type"] = "string" },
            ["code"] = new JsonObject { ["type"] = "string" },
            ["trace_id"] = new JsonObject { ["type"] = "string" },
            ["errors"] = new JsonObject
            {
                ["type"] = "object",
                ["additionalProperties"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" } },
            },
            ["membership_version"] = new JsonObject { ["type"] = "integer" },
        },
        ["required"] = new JsonArray("type", "title", "status", "detail", "code", "trace_id"),
    };
}

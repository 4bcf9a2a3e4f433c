using System.Text.Json.Nodes;

namespace Mimu.Appliance.OpenApi;

/// <summary>
/// What a body's parser asks for, as JSON Schema (2020-12, which OpenAPI 3.1 uses). The parser is run once over nothing, and each member that it asks for is
/// written down here: so the description can't say anything else than the code does.
/// </summary>
internal sealed class BodySchema
{
    private readonly JsonObject _members = [];
    private readonly JsonArray _required = [];

    /// <summary>Writes a member down.</summary>
    public void Add(string name, bool required, JsonObject schema)
    {
        _members[name] = schema;
        if (required)
        {
            _required.Add((JsonNode)name);
        }
    }

    /// <summary>The object with the members that were asked for.</summary>
    public JsonObject ToJson()
    {
        var schema = new JsonObject { ["type"] = "object", ["properties"] = _members };
        if (_required.Count > 0)
        {
            schema["required"] = _required;
        }
        return schema;
    }

    public static JsonObject Text(int min, int max) => new() { ["type"] = "string", ["minLength"] = min, ["maxLength"] = max };

    public static JsonObject Formed(string form) => new() { ["type"] = "string", ["description"] = form };

    public static JsonObject Integer(long min, long max) => new() { ["type"] = "integer", ["minimum"] = min, ["maximum"] = max };

    public static JsonObject Boolean() => new() { ["type"] = "boolean" };

    public static JsonObject Id() => new() { ["type"] = "string", ["format"] = "uuid" };

    /// <summary>Exactly so many bytes.</summary>
    public static JsonObject Bytes(int size) => Base64($"{size} bytes");

    /// <summary>One byte and more.</summary>
    public static JsonObject Opaque(int max) => Base64($"1 to {max} bytes");

    public static JsonObject Choice(IEnumerable<string> words) =>
        new() { ["type"] = "string", ["enum"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]) };

    public static JsonObject List(int max, JsonObject item) => new() { ["type"] = "array", ["maxItems"] = max, ["items"] = item };

    /// <summary>A list that may not be empty.</summary>
    public static JsonObject List(int min, int max, JsonObject item) => new() { ["type"] = "array", ["minItems"] = min, ["maxItems"] = max, ["items"] = item };

    private static JsonObject Base64(string size) => new() { ["type"] = "string", ["contentEncoding"] = "base64", ["description"] = size };
}

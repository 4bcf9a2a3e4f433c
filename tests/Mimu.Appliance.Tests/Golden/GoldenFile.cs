using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core;

namespace Mimu.Appliance.Tests.Golden;

/// <summary>
/// What an answer looks like, in a file that is reviewed. Ids, times, tokens and keys, which differ from run to run, stand as what they are; the same
/// id has the same name throughout a scenario. <c>MIMU_GOLDEN=write</c> writes the files anew.
/// </summary>
internal sealed partial class GoldenFile
{
    private static readonly JsonSerializerOptions _pretty = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Dictionary<string, string> _names = [];

    /// <summary>Gives an id a name of its own.</summary>
    public void Name(string value, string name) => _names[value] = $"<{name}>";

    public void Check(string file, Answer answer) => Check(file, $"{answer.Status.ToString(CultureInfo.InvariantCulture)} {answer.ContentType}", answer.Json);

    public void Check(string file, string head, JsonNode body)
    {
        var text = $"{head}\n{Normalise("", body)!.ToJsonString(_pretty)}\n";
        var path = Repository.PathOf("tests", "Mimu.Appliance.Tests", "Golden", $"{file}.txt");
        if (Environment.GetEnvironmentVariable("MIMU_GOLDEN") == "write")
        {
            File.WriteAllText(path, text);
        }
        Assert.True(File.Exists(path), $"There is no golden file {file}.txt; MIMU_GOLDEN=write writes it.");
        Assert.True(File.ReadAllText(path) == text, $"{file}.txt differs. If that is wanted, MIMU_GOLDEN=write writes it anew. This is what came:\n{text}");
    }

    private JsonNode? Normalise(string member, JsonNode? node) => node switch
    {
        JsonObject json => new JsonObject(json.Select(one => KeyValuePair.Create(one.Key, Normalise(one.Key, one.Value)))),
        // Who joined at the same moment stands in no order.
        JsonArray array when member is "participants" => new JsonArray([.. array.OrderBy(item => (string)item!["public_id"]!).Select(item => Normalise(member, item))]),
        JsonArray array => new JsonArray([.. array.Select(item => Normalise(member, item))]),
        JsonValue value when value.GetValueKind() is JsonValueKind.String => Normalise(member, (string)value!),
        _ => node?.DeepClone(),
    };

    private string Normalise(string member, string text) => text switch
    {
        _ when _names.TryGetValue(text, out var name) => name,
        _ when member is "access_token" or "refresh_token" or "trace_id" or "cursor" or "next" or "version" => $"<{member}>",
        _ when Uuid().IsMatch(text) => $"<UUIDv{text[14..15]}>",
        _ when Time().IsMatch(text) => "<time>",
        _ when Hex().IsMatch(text) => "<64 hex digits>",
        _ when member is "public_key" or "signature" or "identity_key" or "signing_public_key" && StrictBase64.Decode(Encoding.UTF8.GetBytes(text)) is { } bytes =>
            string.Create(CultureInfo.InvariantCulture, $"<{bytes.Length} bytes of Base64>"),
        _ => Port().Replace(text, "127.0.0.1:<port>"),
    };

    [GeneratedRegex("^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$")]
    private static partial Regex Uuid();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
    private static partial Regex Time();

    [GeneratedRegex("^[0-9a-f]{64}$")]
    private static partial Regex Hex();

    [GeneratedRegex(@"127\.0\.0\.1:\d+")]
    private static partial Regex Port();
}

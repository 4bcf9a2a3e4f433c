using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mimu.Appliance.Cli.Admin.Media;

/// <summary>Work on all files, asked for a slice at a time: whoever stops it loses no more than a slice, and the server keeps nothing of it in mind.</summary>
internal static class Walk
{
    /// <summary>Asks until there are no more files, and adds the answers up: numbers are summed, lists joined.</summary>
    /// <param name="talk">The talk.</param>
    /// <param name="path">The verb.</param>
    /// <param name="request">What is asked beside <c>after</c>.</param>
    /// <param name="done">The members that count files that are done.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<JsonObject> AllAsync(AdminTalk talk, string path, Func<JsonObject> request, string[] done, CancellationToken cancellation)
    {
        var total = Parse(await talk.AskAsync("/media/stats", [], cancellation))["files"]!.GetValue<long>();
        var sum = new JsonObject();
        string? after = null;
        do
        {
            var asked = request();
            asked["after"] = after;
            var answer = Parse(await talk.AskAsync(path, asked, cancellation));
            Add(sum, answer);
            after = (string?)answer["next"];
            talk.Tell(string.Create(CultureInfo.InvariantCulture, $"{done.Sum(member => (long)sum[member]!)} of {total} files"));
        }
        while (after is not null);
        return sum;
    }

    /// <summary>An answer as an object.</summary>
    public static JsonObject Parse(byte[] json) => JsonNode.Parse(json)!.AsObject();

    /// <summary>The bytes of an object.</summary>
    public static byte[] Bytes(JsonObject answer) => System.Text.Encoding.UTF8.GetBytes(answer.ToJsonString());

    /// <summary>A line for each of the keys in a list.</summary>
    public static IEnumerable<string[]> Lines(JsonElement answer, string member) =>
        answer.GetProperty(member).EnumerateArray().Select(key => (string[])[member, key.GetString()!]);

    /// <summary>Bytes as people read them.</summary>
    public static string Size(JsonElement bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var (value, unit) = ((double)bytes.GetInt64(), 0);
        while (value >= 1024 && unit < units.Length - 1)
        {
            (value, unit) = (value / 1024, unit + 1);
        }
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Round(value, unit == 0 ? 0 : 1)} {units[unit]}");
    }

    private static void Add(JsonObject sum, JsonObject answer)
    {
        foreach (var (name, value) in answer)
        {
            switch (value)
            {
                case JsonValue number when number.GetValueKind() is JsonValueKind.Number:
                    sum[name] = ((long?)sum[name] ?? 0) + number.GetValue<long>();
                    break;
                case JsonArray list:
                    var all = sum[name]?.AsArray() ?? [];
                    sum[name] = all;
                    foreach (var item in list)
                    {
                        all.Add(item!.DeepClone());
                    }
                    break;
            }
        }
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;

namespace Mimu.Core.Subscriptions.Apple;

/// <summary>
/// The members of a JSON object from Apple. Members and values that are new are no fault; one that is known and of another type than Apple writes is, as it could mean that the purchase was taken back.
/// </summary>
internal readonly struct AppleFields
{
    /// <summary>What Apple writes does not nest deeper than 5.</summary>
    private const int MaxDepth = 32;

    private static readonly JsonDocumentOptions _options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    private readonly JsonElement _json;

    private AppleFields(JsonElement json) => _json = json;

    /// <summary>Reads an object: one in UTF-8, with no member twice, not nested beyond reason.</summary>
    public static bool TryParse(byte[] utf8, out AppleFields fields)
    {
        fields = default;
        if (!Utf8.IsValid(utf8))
        {
            return false;
        }
        try
        {
            fields = new AppleFields(JsonElement.Parse(utf8, _options));
            return fields._json.ValueKind is JsonValueKind.Object;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second: half a character in a member's name.
            return false;
        }
    }

    /// <summary>Reads a text; false also when it is none.</summary>
    public static bool TryText(JsonElement json, [NotNullWhen(true)] out string? text)
    {
        text = null;
        try
        {
            text = json.ValueKind is JsonValueKind.String ? json.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a character.
        }
        return text is not null;
    }

    /// <summary>Whether there is such a member, whatever it is.</summary>
    public bool Has(string name) => _json.TryGetProperty(name, out _);

    public bool TryText(string name, [NotNullWhen(true)] out string? text)
    {
        text = null;
        return _json.TryGetProperty(name, out var json) && TryText(json, out text);
    }

    public bool TryList(string name, out JsonElement list) => _json.TryGetProperty(name, out list) && list.ValueKind is JsonValueKind.Array;

    /// <summary>An object; null when there is none.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public AppleFields? Object(string name) => Find(name) is not { } json ? null : json.ValueKind is JsonValueKind.Object ? new AppleFields(json) : throw Wrong(name);

    /// <summary>A text; null when there is none.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public string? Text(string name) => Find(name) is not { } json ? null : TryText(json, out var text) ? text : throw Wrong(name);

    /// <summary>A time, in milliseconds since 1970; null when there is none.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public DateTimeOffset? Time(string name)
    {
        if (Integer(name) is not { } milliseconds)
        {
            return null;
        }
        return milliseconds >= 0 && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) : throw Wrong(name);
    }

    /// <summary>A whole number; null when there is none.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public long? Integer(string name) =>
        Find(name) is not { } json ? null : json.ValueKind is JsonValueKind.Number && json.TryGetInt64(out var number) ? number : throw Wrong(name);

    /// <summary>Whether it is said and true.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public bool Flag(string name) => Find(name) is { } json && (json.ValueKind is JsonValueKind.True || (json.ValueKind is JsonValueKind.False ? false : throw Wrong(name)));

    private JsonElement? Find(string name) => _json.TryGetProperty(name, out var json) && json.ValueKind is not JsonValueKind.Null ? json : null;

    private static FormatException Wrong(string name) => new($"{name} is of another type");
}

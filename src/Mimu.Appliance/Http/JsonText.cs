using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Mimu.Core;

namespace Mimu.Appliance.Http;

/// <summary>Reads what a client sent as JSON: one object in UTF-8, no member twice, not nested beyond reason (RFC 8259).</summary>
internal static class JsonText
{
    /// <summary>No body of the protocol nests deeper than 4; call payloads are the client's own.</summary>
    private const int MaxDepth = 32;

    private static readonly JsonDocumentOptions _options = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>The object, or why it is none. What it gives must be disposed of when it has been read.</summary>
    public static bool TryParse(ReadOnlySequence<byte> text, [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out string? reason)
    {
        var utf8 = text.IsSingleSegment ? text.First : text.ToArray();
        document = null;
        if (!Utf8.IsValid(utf8.Span))
        {
            reason = "It is not UTF-8.";
            return false;
        }
        try
        {
            document = JsonDocument.Parse(utf8, _options);
        }
        catch (JsonException e)
        {
            reason = $"It is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.";
            return false;
        }
        catch (InvalidOperationException)
        {
            // Names are unescaped to find those that are there twice; half a character can't be.
            reason = "A member's name is not Unicode text.";
            return false;
        }
        if (document.RootElement.ValueKind is JsonValueKind.Object)
        {
            reason = null;
            return true;
        }
        document.Dispose();
        document = null;
        reason = "It is not a JSON object.";
        return false;
    }

    /// <summary>What <paramref name="parse"/> makes of an object, or everything that is wrong with it.</summary>
    public static Result<T> Read<T>(JsonElement json, Func<Fields, T> parse)
    {
        var faults = new Faults();
        var value = parse(new Fields(json, "", faults));
        return faults.Any ? faults.ToError() : value;
    }

    /// <summary>The text of a value; null for what is no text, also for an escape that stands for half a character.</summary>
    public static string? TextOf(JsonElement value)
    {
        if (value.ValueKind is not JsonValueKind.String)
        {
            return null;
        }
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mimu.Appliance.OpenApi;
using Mimu.Core;

namespace Mimu.Appliance.Http;

/// <summary>
/// Reads the members of one JSON object, noting everything that is wrong with them. A member that is wrong reads as an empty value, so that the
/// parser goes on and finds the rest; what it made is thrown away when there are faults (docs/adr/0007).
/// </summary>
internal sealed class Fields(JsonElement json, string path, Faults faults, BodySchema? schema = null)
{
    /// <summary>What a parser asks for, found out by running it over nothing.</summary>
    public static JsonObject Describe<T>(Func<Fields, T> parse)
    {
        var schema = new BodySchema();
        parse(new Fields(_emptyObject, "", new Faults(), schema));
        return schema.ToJson();
    }

    /// <summary>Where faults are noted.</summary>
    public Faults Faults => faults;

    /// <summary>The full path of a member, as faults name it.</summary>
    public string PathOf(string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <summary>Text of so many Unicode code points, taken as it is. Null only if it is optional and absent.</summary>
    public string? OptionalText(string name, int min, int max)
    {
        schema?.Add(name, required: false, BodySchema.Text(min, max));
        return Present(name, out var value) ? ReadText(name, value, min, max) : null;
    }

    /// <inheritdoc cref="OptionalText"/>
    public string Text(string name, int min, int max)
    {
        schema?.Add(name, required: true, BodySchema.Text(min, max));
        return Required(name, out var value) ? ReadText(name, value, min, max) : "";
    }

    /// <summary>A name that people see: <see cref="OptionalText"/> without control characters.</summary>
    public string? OptionalName(string name, int max) => WithoutControls(name, OptionalText(name, 1, max));

    /// <inheritdoc cref="OptionalName"/>
    public string Name(string name, int max) => WithoutControls(name, Text(name, 1, max));

    /// <summary>Text of a form of its own.</summary>
    /// <param name="name">The member.</param>
    /// <param name="form">What is expected, for those who got it wrong.</param>
    /// <param name="isGood">Whether it has the form.</param>
    public string Formed(string name, string form, Func<string, bool> isGood)
    {
        schema?.Add(name, required: true, BodySchema.Formed(form));
        return Required(name, out var value) ? ReadFormed(name, value, form, isGood) : "";
    }

    /// <inheritdoc cref="Formed"/>
    public string? OptionalFormed(string name, string form, Func<string, bool> isGood)
    {
        schema?.Add(name, required: false, BodySchema.Formed(form));
        return Present(name, out var value) ? ReadFormed(name, value, form, isGood) : null;
    }

    /// <summary>A whole number within bounds; one less than <paramref name="min"/> when it is wrong.</summary>
    public long Integer(string name, long min, long max)
    {
        schema?.Add(name, required: true, BodySchema.Integer(min, max));
        return Required(name, out var value) ? ReadInteger(name, value, min, max) : min - 1;
    }

    /// <inheritdoc cref="Integer"/>
    public long? OptionalInteger(string name, long min, long max)
    {
        schema?.Add(name, required: false, BodySchema.Integer(min, max));
        return Present(name, out var value) ? ReadInteger(name, value, min, max) : null;
    }

    /// <summary>An id in its one form.</summary>
    public Guid Id(string name)
    {
        schema?.Add(name, required: true, BodySchema.Id());
        return Required(name, out var value) ? ReadId(name, value) : Guid.Empty;
    }

    /// <inheritdoc cref="Id"/>
    public Guid? OptionalId(string name)
    {
        schema?.Add(name, required: false, BodySchema.Id());
        return Present(name, out var value) ? ReadId(name, value) : null;
    }

    /// <summary>Exactly so many bytes in strict Base64; none when they are wrong.</summary>
    public byte[] Bytes(string name, int size)
    {
        schema?.Add(name, required: true, BodySchema.Bytes(size));
        if (!Required(name, out var value))
        {
            return [];
        }
        if (AsBytes(value) is { } bytes && bytes.Length == size)
        {
            return bytes;
        }
        Fault(name, $"must be {size} bytes of Base64");
        return [];
    }

    /// <summary>As <see cref="Bytes"/>; null when it is absent.</summary>
    public byte[]? OptionalBytes(string name, int size)
    {
        var isThere = Present(name, out _);
        var bytes = isThere ? Bytes(name, size) : null;
        schema?.Add(name, required: false, BodySchema.Bytes(size));
        return bytes;
    }

    /// <summary>Something opaque of at least one byte and at most <paramref name="max"/>, in strict Base64; larger is 413 and not 422.</summary>
    public byte[] Opaque(string name, int max)
    {
        schema?.Add(name, required: true, BodySchema.Opaque(max));
        return Required(name, out var value) ? ReadOpaque(name, value, max) : [];
    }

    /// <inheritdoc cref="Opaque"/>
    public byte[]? OptionalOpaque(string name, int max)
    {
        schema?.Add(name, required: false, BodySchema.Opaque(max));
        return Present(name, out var value) ? ReadOpaque(name, value, max) : null;
    }

    /// <inheritdoc cref="OptionalChoice"/>
    public T Choice<T>(string name, IReadOnlyList<(string Word, T Value)> choices)
        where T : struct
    {
        var choice = OptionalChoice(name, choices);
        schema?.Add(name, required: true, BodySchema.Choice(choices.Select(one => one.Word)));
        return Required(name, out _) && choice is { } value ? value : default;
    }

    /// <summary>True or false.</summary>
    public bool Flag(string name)
    {
        var value = OptionalFlag(name);
        schema?.Add(name, required: true, BodySchema.Boolean());
        return Required(name, out _) && value;
    }

    /// <summary>True or false; false when it is absent.</summary>
    public bool OptionalFlag(string name)
    {
        schema?.Add(name, required: false, BodySchema.Boolean());
        if (!Present(name, out var value))
        {
            return false;
        }
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Fault(name, "must be true or false");
        }
        return value.ValueKind is JsonValueKind.True;
    }

    /// <summary>One of a few words.</summary>
    public T? OptionalChoice<T>(string name, IReadOnlyList<(string Word, T Value)> choices)
        where T : struct
    {
        schema?.Add(name, required: false, BodySchema.Choice(choices.Select(choice => choice.Word)));
        if (!Present(name, out var value))
        {
            return null;
        }
        var text = JsonText.TextOf(value);
        foreach (var (word, choice) in choices)
        {
            if (word == text)
            {
                return choice;
            }
        }
        Fault(name, $"must be one of {string.Join(", ", choices.Select(choice => $"`{choice.Word}`"))}");
        return null;
    }

    /// <summary>An object with members of its own; null when it is missing or none.</summary>
    public T? Object<T>(string name, Func<Fields, T> parse)
        where T : class
    {
        schema?.Add(name, required: true, Describe(parse));
        return Required(name, out var value) ? ReadObject(PathOf(name), value, parse) : null;
    }

    /// <inheritdoc cref="Object"/>
    public T? OptionalObject<T>(string name, Func<Fields, T> parse)
        where T : class
    {
        schema?.Add(name, required: false, Describe(parse));
        return Present(name, out var value) ? ReadObject(PathOf(name), value, parse) : null;
    }

    /// <summary>A list of objects; empty when it is absent. What is no object reads as an empty one, so that the others keep their places.</summary>
    public IReadOnlyList<T> OptionalObjects<T>(string name, int max, Func<Fields, T> parse)
        where T : class
    {
        schema?.Add(name, required: false, BodySchema.List(max, Describe(parse)));
        return !Present(name, out var value) ? [] : ReadList(name, value, max, (item, itemPath) =>
            ReadObject(itemPath, item, parse) ?? parse(new Fields(_emptyObject, itemPath, new Faults())));
    }

    /// <summary>A list of at least <paramref name="min"/> objects.</summary>
    public IReadOnlyList<T> Objects<T>(string name, int min, int max, Func<Fields, T> parse)
        where T : class
    {
        var items = OptionalObjects(name, max, parse);
        schema?.Add(name, required: true, BodySchema.List(min, max, Describe(parse)));
        if (Required(name, out var value) && value.ValueKind is JsonValueKind.Array && value.GetArrayLength() < min)
        {
            Fault(name, string.Create(CultureInfo.InvariantCulture, $"must be a list of at least {min}"));
        }
        return items;
    }

    /// <summary>A list of ids.</summary>
    public IReadOnlyList<Guid> Ids(string name, int max)
    {
        schema?.Add(name, required: true, BodySchema.List(max, BodySchema.Id()));
        return !Required(name, out var value) ? [] : ReadList(name, value, max, (item, itemPath) =>
        {
            if (Core.Ids.TryParse(JsonText.TextOf(item), out var id))
            {
                return id;
            }
            faults.Add(itemPath, IdForm);
            return Guid.Empty;
        });
    }

    /// <summary>Whatever JSON, as it was written, of at most <paramref name="max"/> bytes; <c>null</c> when it is absent.</summary>
    public ReadOnlyMemory<byte> OptionalJson(string name, int max)
    {
        if (!json.TryGetProperty(name, out var value))
        {
            return "null"u8.ToArray();
        }
        var text = JsonMarshal.GetRawUtf8Value(value);
        if (text.Length > max)
        {
            Fault(name, string.Create(CultureInfo.InvariantCulture, $"must be at most {max} bytes of JSON"));
            return default;
        }
        return text.ToArray();
    }

    /// <summary>Whether a member is there and null, for the few where that is not the same as absent.</summary>
    public bool IsNull(string name) => json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Null;

    /// <summary>Notes what is wrong with a member.</summary>
    public void Fault(string name, string sentence) => faults.Add(PathOf(name), sentence);

    private const string IdForm = "must be a UUID in lower case";

    private static readonly JsonElement _emptyObject = JsonElement.Parse("{}"u8);

    private bool Present(string name, out JsonElement value) =>
        json.TryGetProperty(name, out value) && value.ValueKind is not JsonValueKind.Null;

    private bool Required(string name, out JsonElement value)
    {
        if (Present(name, out value))
        {
            return true;
        }
        Fault(name, "is required");
        return false;
    }

    [return: NotNullIfNotNull(nameof(text))]
    private string? WithoutControls(string name, string? text)
    {
        if (text is not null && text.Any(char.IsControl))
        {
            Fault(name, "must not have control characters");
        }
        return text;
    }

    private string ReadText(string name, JsonElement value, int min, int max)
    {
        if (JsonText.TextOf(value) is { } text && CodePoints(text) is var length && length >= min && length <= max)
        {
            return text;
        }
        Fault(name, string.Create(CultureInfo.InvariantCulture, $"must be text of {min} to {max} characters"));
        return "";
    }

    private string ReadFormed(string name, JsonElement value, string form, Func<string, bool> isGood)
    {
        if (JsonText.TextOf(value) is { } text && isGood(text))
        {
            return text;
        }
        Fault(name, form);
        return "";
    }

    private long ReadInteger(string name, JsonElement value, long min, long max)
    {
        if (value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) && number >= min && number <= max)
        {
            return number;
        }
        Fault(name, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {min} to {max}"));
        return min - 1;
    }

    private Guid ReadId(string name, JsonElement value)
    {
        if (Core.Ids.TryParse(JsonText.TextOf(value), out var id))
        {
            return id;
        }
        Fault(name, IdForm);
        return Guid.Empty;
    }

    private byte[] ReadOpaque(string name, JsonElement value, int max)
    {
        if (AsBytes(value) is not { Length: > 0 } bytes)
        {
            Fault(name, "must be at least one byte of Base64");
            return [];
        }
        if (bytes.Length > max)
        {
            faults.AddTooLarge(PathOf(name), max);
        }
        return bytes;
    }

    private T? ReadObject<T>(string objectPath, JsonElement value, Func<Fields, T> parse)
        where T : class
    {
        if (value.ValueKind is JsonValueKind.Object)
        {
            return parse(new Fields(value, objectPath, faults));
        }
        faults.Add(objectPath, "must be an object");
        return null;
    }

    private List<T> ReadList<T>(string name, JsonElement value, int max, Func<JsonElement, string, T> read)
    {
        if (value.ValueKind is not JsonValueKind.Array || value.GetArrayLength() > max)
        {
            Fault(name, string.Create(CultureInfo.InvariantCulture, $"must be a list of at most {max}"));
            return [];
        }
        var items = new List<T>(value.GetArrayLength());
        foreach (var element in value.EnumerateArray())
        {
            items.Add(read(element, string.Create(CultureInfo.InvariantCulture, $"{PathOf(name)}[{items.Count}]")));
        }
        return items;
    }

    private static byte[]? AsBytes(JsonElement value)
    {
        if (value.ValueKind is not JsonValueKind.String)
        {
            return null;
        }
        // What has no escapes is decoded where it lies; some writers escape the slash.
        var quoted = JsonMarshal.GetRawUtf8Value(value);
        var text = quoted[1..^1];
        return text.Contains((byte)'\\')
            ? JsonText.TextOf(value) is { } unescaped ? StrictBase64.Decode(Encoding.UTF8.GetBytes(unescaped)) : null
            : StrictBase64.Decode(text);
    }

    private static int CodePoints(string text)
    {
        var count = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            count++;
        }
        return count;
    }
}

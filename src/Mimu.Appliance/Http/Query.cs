using System.Globalization;
using System.Text.Json.Nodes;
using Mimu.Appliance.OpenApi;
using Mimu.Core;

namespace Mimu.Appliance.Http;

/// <summary>Reads query parameters, noting what is wrong with them.</summary>
internal sealed class Query(IQueryCollection query, Faults faults, BodySchema? schema = null)
{
    private const int MinLimit = 1;
    private const int MaxLimit = 100;
    private const int DefaultLimit = 50;

    /// <summary>How many items: clamped to 1–100, default 50; any whole number is clamped, however long (protocol section 1).</summary>
    public int Limit()
    {
        schema?.Add("limit", required: false, BodySchema.Integer(MinLimit, MaxLimit));
        if (Read("limit") is not { } text)
        {
            return DefaultLimit;
        }
        var digits = text.AsSpan(text.StartsWith('-') ? 1 : 0);
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
        {
            faults.Add("limit", "must be a whole number");
            return DefaultLimit;
        }
        return text[0] == '-' ? MinLimit
            : int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? Math.Clamp(limit, MinLimit, MaxLimit)
            : MaxLimit;
    }

    /// <summary>Text as it is; null when it is absent. A parameter that is given twice is a fault.</summary>
    public string? Text(string name)
    {
        schema?.Add(name, required: false, BodySchema.Formed("text"));
        return Read(name);
    }

    /// <summary>Text of a form of its own; null when it is absent or has not that form.</summary>
    public string? OptionalFormed(string name, string form, Func<string, bool> isGood)
    {
        schema?.Add(name, required: false, BodySchema.Formed(form));
        var text = Read(name);
        if (text is not null && !isGood(text))
        {
            faults.Add(name, form);
            return null;
        }
        return text;
    }

    /// <summary>Text of so many Unicode code points.</summary>
    public string Text(string name, int min, int max)
    {
        schema?.Add(name, required: true, BodySchema.Text(min, max));
        if (Read(name) is { } text && text.EnumerateRunes().Count() is var length && length >= min && length <= max)
        {
            return text;
        }
        faults.Add(name, string.Create(CultureInfo.InvariantCulture, $"must be {min} to {max} characters"));
        return "";
    }

    private string? Read(string name)
    {
        var values = query[name];
        if (values.Count > 1)
        {
            faults.Add(name, "must be given once");
        }
        return values.Count == 0 ? null : values[0];
    }

    /// <summary>An id in its one form; null when it is absent.</summary>
    public Guid? OptionalId(string name)
    {
        schema?.Add(name, required: false, BodySchema.Id());
        if (Read(name) is not { } text)
        {
            return null;
        }
        if (Ids.TryParse(text, out var id))
        {
            return id;
        }
        faults.Add(name, "must be a UUID in lower case");
        return Guid.Empty;
    }

    /// <inheritdoc cref="OptionalId"/>
    public Guid Id(string name)
    {
        if (OptionalId(name) is { } id)
        {
            return id;
        }
        schema?.Add(name, required: true, BodySchema.Id());
        faults.Add(name, "is required");
        return Guid.Empty;
    }

    /// <summary>A whole number within bounds; null when it is absent.</summary>
    public int? OptionalInteger(string name, int min, int max)
    {
        schema?.Add(name, required: false, BodySchema.Integer(min, max));
        if (Read(name) is not { } text)
        {
            return null;
        }
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }
        faults.Add(name, string.Create(CultureInfo.InvariantCulture, $"must be a whole number from {min} to {max}"));
        return min;
    }

    /// <summary>What <paramref name="parse"/> makes of the query, or everything that is wrong with it.</summary>
    public static Result<T> Read<T>(HttpContext http, Func<Query, T> parse)
    {
        var faults = new Faults();
        var value = parse(new Query(http.Request.Query, faults));
        return faults.Any ? faults.ToError() : value;
    }

    /// <summary>What a parser asks for, found out by running it over nothing.</summary>
    public static JsonObject Describe<T>(Func<Query, T> parse)
    {
        var schema = new BodySchema();
        parse(new Query(QueryCollection.Empty, new Faults(), schema));
        return schema.ToJson();
    }
}

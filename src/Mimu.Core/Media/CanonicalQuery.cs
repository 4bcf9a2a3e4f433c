using System.Text;

namespace Mimu.Core.Media;

/// <summary>A query in the form that is signed: every name once, names and values in their one spelling, in the order of their bytes.</summary>
internal sealed class CanonicalQuery
{
    private readonly List<Parameter> _parameters;

    private CanonicalQuery(List<Parameter> parameters) => _parameters = parameters;

    /// <summary>Of texts that are not encoded yet.</summary>
    /// <exception cref="ArgumentException">A name is there twice.</exception>
    public static CanonicalQuery Of(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var list = parameters.Select(parameter => new Parameter(UriEncoding.Encode(parameter.Key), UriEncoding.Encode(parameter.Value))).ToList();
        return SortedTwin(list) is { } twin ? throw new ArgumentException($"The parameter {twin} is there twice.", nameof(parameters)) : new CanonicalQuery(list);
    }

    /// <summary>Reads what stood after the question mark. A name without a value has the empty one, and nothing between two ampersands is nothing.</summary>
    /// <param name="raw">As it was sent.</param>
    /// <param name="problem">What is wrong with it, if that is so.</param>
    public static CanonicalQuery? Read(string raw, out string? problem)
    {
        var list = new List<Parameter>();
        var spelling = new StringBuilder();
        foreach (var range in raw.AsSpan().Split('&'))
        {
            var part = raw.AsSpan()[range];
            if (part.IsEmpty)
            {
                continue;
            }
            var end = part.IndexOf('=');
            var rawName = end < 0 ? part : part[..end];
            if (Respell(rawName, spelling) is not { } name || Respell(end < 0 ? [] : part[(end + 1)..], spelling) is not { } value)
            {
                problem = "The query must be printable ASCII with two hex digits after each %.";
                return null;
            }
            list.Add(new Parameter(name, value));
        }
        problem = SortedTwin(list) is { } twin ? $"The parameter {twin} must be there only once." : null;
        return problem is null ? new CanonicalQuery(list) : null;
    }

    /// <summary>A parameter's value, decoded; null if there is no such parameter.</summary>
    /// <param name="name">Made of unreserved characters only.</param>
    public string? this[string name]
    {
        get
        {
            var found = _parameters.FindIndex(parameter => parameter.Name == name);
            return found < 0 ? null : Uri.UnescapeDataString(_parameters[found].Value);
        }
    }

    /// <summary>The text that is signed and sent.</summary>
    public override string ToString() => Join(_parameters);

    /// <summary>The text without one parameter: a signature does not sign itself.</summary>
    public string Without(string name) => Join(_parameters.Where(parameter => parameter.Name != name));

    private static string Join(IEnumerable<Parameter> parameters) => string.Join('&', parameters.Select(parameter => $"{parameter.Name}={parameter.Value}"));

    /// <summary>Sorts, by name and not by the whole text, since <c>a-b=</c> would come before <c>a=</c> then. Tells of a name that is there twice.</summary>
    private static string? SortedTwin(List<Parameter> list)
    {
        list.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        for (var i = 1; i < list.Count; i++)
        {
            if (list[i].Name == list[i - 1].Name)
            {
                return list[i].Name;
            }
        }
        return null;
    }

    private static string? Respell(ReadOnlySpan<char> raw, StringBuilder spelling)
    {
        spelling.Clear();
        return UriEncoding.TryRespell(raw, spelling, isPath: false) ? spelling.ToString() : null;
    }

    /// <summary>Both as they are signed: encoded.</summary>
    private readonly record struct Parameter(string Name, string Value);
}

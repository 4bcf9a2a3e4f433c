using System.Buffers;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Mimu.Appliance.Configuration;

/// <summary>
/// Parses TOML so that one mistake does not hide the next: the statement with the first syntax error is told and taken out,
/// and the rest parsed again. The faults are in words of our own, because the parser's repeat what it read, which may be a
/// secret whose quotes were forgotten.
/// </summary>
internal sealed class TomlSyntax(string text, string file, ConfigurationDraft draft)
{
    /// <summary>A table name that begins so stands for a header that could not be read.</summary>
    public const string UnreadableTable = "\u0001";

    /// <summary>More broken statements than this, or more errors at once, and it is not a settings file with mistakes but something else.</summary>
    private const int MaxBroken = 20;
    private const int MaxErrors = 1000;

    /// <summary>With a statement behind it, a list that is never closed is found at a line, and not at the end of the file.</summary>
    private const string End = "\nend_of_file = 0\n";

    private static readonly SearchValues<char> _bareKey = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");

    private readonly string[] _lines = text.Split('\n');
    private readonly HashSet<int> _broken = [];

    /// <summary>Whether the line, counted from 0, is none of the file's or was taken out.</summary>
    public bool IsBroken(int line) => line >= _lines.Length || _broken.Contains(line);

    /// <summary>The document without its broken statements; null if it is beyond reading.</summary>
    public DocumentSyntax? Parse()
    {
        try
        {
            for (var broken = 0; broken < MaxBroken; broken++)
            {
                // Repetitions are left to the last parse: they break nothing.
                var document = SyntaxParser.Parse(string.Join('\n', _lines) + End, file, validate: false);
                if (!document.HasErrors)
                    return SyntaxParser.Parse(string.Join('\n', _lines) + End, file, validate: true);
                if (!TakeOut(FirstError(document), document) || document.Diagnostics.Count > MaxErrors)
                    break;
            }
            draft.Fault(Place.InFile(file, 0), "", "hardly a TOML file; expected lines of key = value, and [table]; the first faults follow");
        }
        catch (Exception)
        {
            // Tomlyn throws where lists nest too deeply, and in versions seen, where a text is cut off in an odd place; it may do so elsewhere.
            draft.Fault(Place.InFile(file, 0), "", "hardly a TOML file, or one nested too deeply; expected lines of key = value, and [table]");
        }
        return null;
    }

    private static int FirstError(DocumentSyntax document)
    {
        var first = int.MaxValue;
        foreach (var diagnostic in document.Diagnostics)
            first = Math.Min(first, diagnostic.Span.Start.Line);
        return first;
    }

    /// <summary>Tells the statement with the error and takes it out; false if that was done before and did not help.</summary>
    private bool TakeOut(int error, DocumentSyntax document)
    {
        var start = UnfinishedBefore(error, document) ?? Math.Min(error, _lines.Length - 1);
        if (!_broken.Add(start))
            return false;
        var (key, what) = Explain(start);
        draft.Fault(Place.InFile(file, start + 1), key, what);

        var line = _lines[start].AsSpan().Trim();
        if (line.StartsWith('['))
        {
            // Settings under a broken header must not fall to the table before it.
            var name = line.Trim("[] \t").ToString();
            _lines[start] = Settings.Tables.Contains(name) ? $"[{name}]" : $"[\"\\u0001{start}\"]";
            return true;
        }

        var end = Math.Max(start, Math.Min(error, _lines.Length) - 1);
        if (line[(line.IndexOf('=') + 1)..].TrimStart() is ['[' or '{', ..])
        {
            while (end + 1 < _lines.Length && !BeginsStatement(end + 1))
                end++;
        }
        for (var taken = start; taken <= end; taken++)
        {
            _lines[taken] = "";
            _broken.Add(taken);
        }
        return true;
    }

    /// <summary>
    /// The line of a statement that begins before the error and has no end, or one behind it: the error is inside a list of
    /// several lines, or at the statement after a list that was never closed.
    /// </summary>
    private static int? UnfinishedBefore(int error, DocumentSyntax document)
    {
        KeyValueSyntax? last = null;
        foreach (var statement in Statements(document))
        {
            if (statement.Span.Start.Line < error)
                last = statement;
        }
        var isUnfinished = last?.Value is ArraySyntax { CloseBracket: null } or InlineTableSyntax { CloseBrace: null } || last?.Value?.Span.End.Line >= error;
        return isUnfinished ? last!.Span.Start.Line : null;
    }

    private static IEnumerable<KeyValueSyntax> Statements(DocumentSyntax document)
    {
        foreach (var statement in document.KeyValues)
            yield return statement;
        foreach (var table in document.Tables)
        {
            foreach (var statement in table.Items)
                yield return statement;
        }
    }

    /// <summary>Whether the line, by itself, looks like [table] or key = value, and not like a part of a list or an inline table.</summary>
    private bool BeginsStatement(int line)
    {
        var text = _lines[line].AsSpan().Trim();
        if (text.StartsWith('['))
            return text.TrimStart('[') is [(>= 'a' and <= 'z') or (>= 'A' and <= 'Z'), ..];
        var equals = text.IndexOf('=');
        return equals > 0 && !text.EndsWith(',') && text[..equals].TrimEnd().IndexOfAnyExcept(_bareKey) < 0;
    }

    private (string Key, string What) Explain(int line)
    {
        var text = _lines[line].Trim();
        if (text.StartsWith('['))
            return ("", "not the name of a table; expected e.g. [server]");
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0)
            return ("", "not TOML; expected key = value");

        var key = text[..equals].Trim();
        // Something else than a plain key may be half of a secret, as in turn_secret: "a=b".
        if (key.AsSpan().IndexOfAnyExcept(_bareKey) >= 0)
            key = "";
        var value = text[(equals + 1)..].TrimStart();
        var what = value switch
        {
            "" or ['#', ..] => "has no value; expected key = value",
            ['"' or '\'', ..] => "not a text in TOML; expected it on one line, in one pair of quotes, with \\\\ for each backslash",
            ['[', ..] => "not a list in TOML; expected e.g. [\"first\", \"second\"]",
            ['{', ..] => "not a table in TOML; expected e.g. { burst = 5, per_minute = 10 }",
            _ => "not a value in TOML; texts, sizes and durations stand in quotes, e.g. \"15m\"",
        };
        return (key.Length > 0 && TableOf(line) is { Length: > 0 } table ? $"{table}.{key}" : key, what);
    }

    private string TableOf(int line)
    {
        while (--line >= 0)
        {
            var text = _lines[line].AsSpan().Trim();
            if (text is ['[', .. var name, ']'] && name.IndexOfAnyExcept(_bareKey) < 0)
                return name.ToString();
        }
        return "";
    }
}

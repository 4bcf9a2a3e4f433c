using Tomlyn.Syntax;

namespace Mimu.Appliance.Configuration;

/// <summary>
/// Reads a settings file into the draft. It walks Tomlyn's syntax tree, which knows the line of everything and needs no
/// reflection, as its serializer would.
/// </summary>
internal sealed class TomlReader(string file, ConfigurationDraft draft)
{
    private readonly Dictionary<string, int> _firstLines = new(StringComparer.Ordinal);
    private readonly HashSet<int> _repeated = [];

    public void Read(string text)
    {
        var syntax = new TomlSyntax(text, file, draft);
        if (syntax.Parse() is not { } document)
            return;

        foreach (var statement in document.KeyValues)
            ReadStatement("", statement, syntax);
        foreach (var table in document.Tables)
            ReadTable(table, syntax);
        ReadRepetitions(document, syntax);
        if (draft.IsFull)
            draft.Fault(Place.InFile(file, 0), "", "so many faults that not all of them were looked for");
    }

    /// <summary>Whatever else TOML forbids to define again, such as [server] after server.listen = [].</summary>
    private void ReadRepetitions(DocumentSyntax document, TomlSyntax syntax)
    {
        foreach (var diagnostic in document.Diagnostics)
        {
            var line = diagnostic.Span.Start.Line;
            if (!syntax.IsBroken(line) && !draft.IsFull && _repeated.Add(line))
                Fault(line, "", "defines again what stands further up; expected each table and key once");
        }
    }

    private void ReadTable(TableSyntaxBase table, TomlSyntax syntax)
    {
        var name = NameOf(table.Name);
        if (draft.IsFull || name.StartsWith(TomlSyntax.UnreadableTable, StringComparison.Ordinal))
            return;

        var line = table.Span.Start.Line;
        if (table is TableArraySyntax)
            Fault(line, name, $"is one table, not a list of tables; expected [{name}]");
        else if (Settings.TryFind(name, out var setting))
            Fault(line, name, $"is a setting, not a table; expected {setting.Name} = … under [{setting.Table}]");
        else if (!Settings.Tables.Contains(name))
            Fault(line, name, $"unknown table; {Nearest.Suggest(name, Settings.Tables, found => $"[{found}]")}");
        else if (!syntax.IsBroken(line))
            NoteFirst(line, $"[{name}]", name);

        // The settings of an unknown table are not told one by one: they are as unknown as it is.
        if (table is TableArraySyntax || !Settings.Tables.Contains(name))
            return;
        foreach (var statement in table.Items)
            ReadStatement($"{name}.", statement, syntax);
    }

    private void ReadStatement(string prefix, KeyValueSyntax statement, TomlSyntax syntax)
    {
        var line = statement.Span.Start.Line;
        if (draft.IsFull || syntax.IsBroken(line))
            return;

        var key = prefix + NameOf(statement.Key);
        if (Settings.TryFind(key, out var setting))
        {
            NoteFirst(line, key, key);
            draft.Set(setting, ValueOf(statement.Value), Place.InFile(file, line + 1));
        }
        else if (!Settings.Tables.Contains(key))
        {
            Fault(line, key, $"unknown setting; {Nearest.Suggest(key, Known(statement.Value is InlineTableSyntax), found => found)}");
        }
        else if (statement.Value is InlineTableSyntax table)
        {
            foreach (var item in table.Items)
            {
                if (item.KeyValue is not null)
                    ReadStatement($"{key}.", item.KeyValue, syntax);
            }
        }
        else
        {
            Fault(line, key, $"is a table, not a setting; expected its settings, e.g. {FirstIn(key)}");
        }
    }

    private void NoteFirst(int line, string what, string key)
    {
        if (_firstLines.TryAdd(what, line))
            return;
        _repeated.Add(line);
        Fault(line, key, $"given again; it stands in line {_firstLines[what] + 1} already");
    }

    private void Fault(int line, string key, string what) => draft.Fault(Place.InFile(file, line + 1), key, what);

    private static IEnumerable<string> Known(bool tablesToo)
    {
        foreach (var setting in Settings.All)
            yield return setting.Key;
        if (!tablesToo)
            yield break;
        foreach (var table in Settings.Tables)
            yield return table;
    }

    private static string FirstIn(string table)
    {
        foreach (var setting in Settings.All)
        {
            if (setting.Key.StartsWith($"{table}.", StringComparison.Ordinal))
                return setting.Key;
        }
        throw new InvalidOperationException($"{table} has no setting");
    }

    private static string NameOf(KeySyntax? key)
    {
        if (key?.Key is null)
            return "";
        var name = PartOf(key.Key);
        foreach (var item in key.DotKeys)
            name += $".{(item.Key is null ? "" : PartOf(item.Key))}";
        return name;
    }

    /// <summary>A quoted part that needs its quotes keeps them, so that "a.b" is not taken for a.b.</summary>
    private static string PartOf(BareKeyOrStringValueSyntax part) => part switch
    {
        BareKeySyntax bare => bare.Key?.Text ?? "",
        StringValueSyntax { Value: { } text } when text.StartsWith(TomlSyntax.UnreadableTable, StringComparison.Ordinal) => text,
        StringValueSyntax { Value: { } text } => BareKeySyntax.IsBareKey(text) ? text : OneLine.Quote(text),
        _ => "",
    };

    private static RawValue ValueOf(ValueSyntax? value)
    {
        switch (value)
        {
            case StringValueSyntax text:
                return new RawValue.Text(text.Value ?? "");
            case IntegerValueSyntax integer:
                return new RawValue.Integer(integer.Value);
            case FloatValueSyntax number:
                return new RawValue.Number(number.Value);
            case BooleanValueSyntax boolean:
                return new RawValue.Boolean(boolean.Value);
            case ArraySyntax array:
                var items = new List<RawValue>();
                foreach (var item in array.Items)
                    items.Add(ValueOf(item.Value));
                return new RawValue.List(items);
            case InlineTableSyntax:
                return new RawValue.Other("a table");
            default:
                return new RawValue.Other("a date");
        }
    }
}

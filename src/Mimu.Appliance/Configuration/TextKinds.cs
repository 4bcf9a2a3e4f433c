namespace Mimu.Appliance.Configuration;

/// <summary>Says what is wrong with a text, beginning after the text itself: <c>is not a URL; expected …</c>; null if nothing is.</summary>
internal delegate string? Check(string text);

/// <summary>A text.</summary>
internal class TextKind(Check? check = null) : Kind<string>
{
    public override string? Read(RawValue raw, ref string field)
    {
        var text = raw switch
        {
            RawValue.Text quoted => quoted.Value,
            RawValue.Words words => words.Value,
            _ => null,
        };
        if (text is null)
            return $"{raw.Shown} is not a text; expected a text in quotes";
        if (Problem(text, check) is { } problem)
            return $"{raw.Shown} {problem}";
        field = text;
        return null;
    }

    public override string Write(string value) => TomlText.Quote(value);

    /// <summary>What is wrong with the text by itself or by the check. No setting has a use for control characters; a path breaks on one.</summary>
    internal static string? Problem(string text, Check? check)
    {
        foreach (var c in text)
        {
            if (char.IsControl(c))
                return "has a control character; expected text on one line";
        }
        return check?.Invoke(text);
    }
}

/// <summary>The path of a file that must be there; "" for none.</summary>
internal sealed class FileKind : TextKind;

/// <summary>A text that is never shown, not even where it is at fault.</summary>
internal sealed class SecretKind : Kind<string>
{
    public const string Mask = "********";

    public override string? Read(RawValue raw, ref string field)
    {
        switch (raw)
        {
            case RawValue.Text text:
                field = text.Value;
                return null;
            case RawValue.Words words:
                field = words.Value;
                return null;
            default:
                return $"expected a text in quotes, not {raw.Sort}";
        }
    }

    public override string Write(string value) => TomlText.Quote(value.Length > 0 ? Mask : "");
}

/// <summary>A list of texts; the environment separates them by commas.</summary>
internal sealed class ListKind(string example, Check? check = null, bool required = false) : Kind<string[]>
{
    public override string? Read(RawValue raw, ref string[] field)
    {
        var texts = new List<string>();
        switch (raw)
        {
            case RawValue.Words words:
                texts.AddRange(words.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
                break;
            case RawValue.List list:
                foreach (var item in list.Items)
                {
                    if (item is not RawValue.Text text)
                        return $"{item.Shown} in the list is not a text; expected texts in quotes, e.g. [\"{example}\"]";
                    texts.Add(text.Value);
                }
                break;
            default:
                return $"{raw.Shown} is not a list; expected e.g. [\"{example}\"]";
        }

        if (required && texts.Count == 0)
            return $"the list is empty; expected at least one, e.g. [\"{example}\"]";
        foreach (var text in texts)
        {
            if (Problem(text) is { } problem)
                return $"{OneLine.Quote(text)} {problem}";
        }
        field = [.. texts];
        return null;
    }

    public override string Write(string[] value) => $"[{string.Join(", ", Array.ConvertAll(value, TomlText.Quote))}]";

    private string? Problem(string text) => text.Length == 0 ? $"in the list is empty; expected e.g. \"{example}\"" : TextKind.Problem(text, check);
}

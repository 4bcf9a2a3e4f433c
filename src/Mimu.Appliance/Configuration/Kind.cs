using System.Globalization;

namespace Mimu.Appliance.Configuration;

/// <summary>What a setting may hold, and how that is read and written.</summary>
internal abstract class Kind<T>
{
    /// <summary>Reads the value into the field; says what is wrong, and leaves the field alone, where it can't.</summary>
    public abstract string? Read(RawValue raw, ref T field);

    /// <summary>The value as TOML.</summary>
    public abstract string Write(T value);
}

/// <summary>true or false.</summary>
internal sealed class BooleanKind : Kind<bool>
{
    public override string? Read(RawValue raw, ref bool field)
    {
        switch (raw)
        {
            case RawValue.Boolean boolean:
                field = boolean.Value;
                return null;
            case RawValue.Words { Value: "true" or "false" } words:
                field = words.Value == "true";
                return null;
            default:
                return $"{raw.Shown} is not a boolean; expected true or false";
        }
    }

    public override string Write(bool value) => value ? "true" : "false";
}

/// <summary>A whole number.</summary>
internal sealed class IntegerKind(int min, int max) : Kind<int>
{
    public override string? Read(RawValue raw, ref int field)
    {
        long value;
        if (raw is RawValue.Integer integer)
            value = integer.Value;
        else if (raw is not RawValue.Words words || !long.TryParse(words.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
            return $"{raw.Shown} is not a whole number; expected {min} to {max}, without quotes";

        if (value < min || value > max)
            return $"{raw.Shown} is out of range; expected {min} to {max}";
        field = (int)value;
        return null;
    }

    public override string Write(int value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A number above 0, with or without a fraction.</summary>
internal sealed class NumberKind(double max) : Kind<double>
{
    public override string? Read(RawValue raw, ref double field)
    {
        double value;
        if (raw is RawValue.Number number)
            value = number.Value;
        else if (raw is RawValue.Integer integer)
            value = integer.Value;
        else if (raw is not RawValue.Words words || !double.TryParse(words.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
            return $"{raw.Shown} is not a number; expected more than 0 and at most {max.ToString(CultureInfo.InvariantCulture)}, without quotes";

        // Written so that NaN is refused as well.
        if (!(value > 0 && value <= max))
            return $"{raw.Shown} is out of range; expected more than 0 and at most {max.ToString(CultureInfo.InvariantCulture)}";
        field = value;
        return null;
    }

    public override string Write(double value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>One of a few words.</summary>
internal sealed class ChoiceKind<T>(params (string Word, T Value)[] choices) : Kind<T>
    where T : struct, Enum
{
    public override string? Read(RawValue raw, ref T field)
    {
        var given = raw switch
        {
            RawValue.Text text => text.Value,
            RawValue.Words words => words.Value,
            _ => null,
        };
        foreach (var (word, value) in choices)
        {
            if (word != given)
                continue;
            field = value;
            return null;
        }
        return $"{raw.Shown} is not a choice; expected {Expected()}";
    }

    public override string Write(T value)
    {
        foreach (var choice in choices)
        {
            if (EqualityComparer<T>.Default.Equals(choice.Value, value))
                return TomlText.Quote(choice.Word);
        }
        throw new InvalidOperationException($"{value} has no word");
    }

    private string Expected()
    {
        var words = Array.ConvertAll(choices, choice => $"\"{choice.Word}\"");
        return $"{string.Join(", ", words[..^1])} or {words[^1]}";
    }
}

using System.Globalization;

namespace Mimu.Appliance.Configuration;

/// <summary>A value as it was given, before anyone knows what it ought to be.</summary>
internal abstract record RawValue
{
    /// <summary>The value as a fault shows it: on one line, and not without end.</summary>
    public abstract string Shown { get; }

    /// <summary>What sort of value it is, for faults that must not show it.</summary>
    public abstract string Sort { get; }

    /// <summary>A text in quotes.</summary>
    public sealed record Text(string Value) : RawValue
    {
        public override string Shown => OneLine.Quote(Value);
        public override string Sort => "a text";
    }

    /// <summary>What an environment variable holds: text that may stand for anything.</summary>
    public sealed record Words(string Value) : RawValue
    {
        public override string Shown => OneLine.Quote(Value);
        public override string Sort => "a text";
    }

    /// <summary>A whole number.</summary>
    public sealed record Integer(long Value) : RawValue
    {
        public override string Shown => Value.ToString(CultureInfo.InvariantCulture);
        public override string Sort => "a number";
    }

    /// <summary>A number with a fraction.</summary>
    public sealed record Number(double Value) : RawValue
    {
        public override string Shown => Value.ToString(CultureInfo.InvariantCulture);
        public override string Sort => "a number";
    }

    /// <summary>true or false.</summary>
    public sealed record Boolean(bool Value) : RawValue
    {
        public override string Shown => Value ? "true" : "false";
        public override string Sort => Shown;
    }

    /// <summary>A list of values.</summary>
    public sealed record List(IReadOnlyList<RawValue> Items) : RawValue
    {
        public override string Shown => Sort;
        public override string Sort => "a list";
    }

    /// <summary>What no setting takes: a table, a date.</summary>
    public sealed record Other(string Name) : RawValue
    {
        public override string Shown => Name;
        public override string Sort => Name;
    }
}

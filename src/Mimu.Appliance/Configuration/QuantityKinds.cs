using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Mimu.Appliance.Configuration;

/// <summary>A number of bytes: <c>4096</c>, <c>"64KiB"</c>.</summary>
internal sealed class SizeKind(long min, long max) : Kind<long>
{
    private const string Expected = "expected bytes, or a number with KiB, MiB, GiB or TiB, e.g. \"64KiB\"";

    private static readonly (string Name, long Bytes)[] _units = [("TiB", 1L << 40), ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10)];

    public override string? Read(RawValue raw, ref long field)
    {
        long value;
        if (raw is RawValue.Integer integer)
            value = integer.Value;
        else if (!TryParse(raw, out value))
            return $"{raw.Shown} is not a size; {Expected}";

        if (value < min || value > max)
            return $"{raw.Shown} is out of range; expected {Write(min)} to {Write(max)}";
        field = value;
        return null;
    }

    public override string Write(long value)
    {
        foreach (var (name, bytes) in _units)
        {
            if (value != 0 && value % bytes == 0)
                return string.Create(CultureInfo.InvariantCulture, $"\"{value / bytes}{name}\"");
        }
        return value.ToString(CultureInfo.InvariantCulture);
    }

    private static bool TryParse(RawValue raw, out long value)
    {
        value = 0;
        var text = raw switch
        {
            RawValue.Text quoted => quoted.Value,
            RawValue.Words words => words.Value,
            _ => null,
        };
        if (text is null)
            return false;

        var unit = 1L;
        foreach (var (name, bytes) in _units)
        {
            if (!text.EndsWith(name, StringComparison.Ordinal))
                continue;
            unit = bytes;
            text = text[..^name.Length];
            break;
        }
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        // What no long can hold is out of every range, not malformed.
        value = count > long.MaxValue / unit ? long.MaxValue : count * unit;
        return true;
    }
}

/// <summary>A time span of a second or more: <c>"30s"</c>, <c>"15m"</c>, <c>"48h"</c>, <c>"30d"</c>.</summary>
internal sealed class DurationKind(TimeSpan min, TimeSpan max) : Kind<TimeSpan>
{
    public const string Expected = "expected a number with s, m, h or d, e.g. \"15m\"";

    private static readonly (char Name, long Seconds)[] _units = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

    public override string? Read(RawValue raw, ref TimeSpan field)
    {
        var text = raw switch
        {
            RawValue.Text quoted => quoted.Value,
            RawValue.Words words => words.Value,
            _ => null,
        };
        if (!TryParse(text, out var value))
            return $"{raw.Shown} is not a duration; {Expected}";
        if (value < min || value > max)
            return $"{raw.Shown} is out of range; expected {Write(min)} to {Write(max)}";
        field = value;
        return null;
    }

    public override string Write(TimeSpan value)
    {
        var seconds = (long)value.TotalSeconds;
        foreach (var (name, each) in _units)
        {
            if (seconds % each == 0)
                return string.Create(CultureInfo.InvariantCulture, $"\"{seconds / each}{name}\"");
        }
        throw new InvalidOperationException("Every duration is a whole number of seconds");
    }

    private static bool TryParse([NotNullWhen(true)] string? text, out TimeSpan value)
    {
        value = default;
        if (string.IsNullOrEmpty(text) || !long.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        foreach (var (name, seconds) in _units)
        {
            if (name != text[^1])
                continue;
            // What no TimeSpan can hold is out of every range, not malformed.
            value = count > TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerSecond / seconds ? TimeSpan.MaxValue : TimeSpan.FromSeconds(count * seconds);
            return true;
        }
        return false;
    }
}

/// <summary>A duration or <c>"forever"</c>, which is null.</summary>
internal sealed class ForeverKind(DurationKind duration) : Kind<TimeSpan?>
{
    private const string Forever = "forever";

    public override string? Read(RawValue raw, ref TimeSpan? field)
    {
        if (raw is RawValue.Text { Value: Forever } or RawValue.Words { Value: Forever })
        {
            field = null;
            return null;
        }
        var value = TimeSpan.Zero;
        if (duration.Read(raw, ref value) is { } problem)
            return $"{problem}, or \"{Forever}\"";
        field = value;
        return null;
    }

    public override string Write(TimeSpan? value) => value is { } span ? duration.Write(span) : TomlText.Quote(Forever);
}

using System.Globalization;
using System.Text;

namespace Mimu.Appliance.Configuration;

/// <summary>Writes TOML texts.</summary>
internal static class TomlText
{
    /// <summary>The text as a TOML basic string.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        foreach (var c in text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else if (char.IsControl(c))
                quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                quoted.Append(c);
        }
        return quoted.Append('"').ToString();
    }
}

using System.Globalization;
using System.Text;

namespace Mimu.Appliance.Configuration;

/// <summary>
/// Brings strangers' text into a fault, which is one line on somebody's terminal: control characters are escaped,
/// and what is long is cut.
/// </summary>
internal static class OneLine
{
    private const int Longest = 80;

    public static string Quote(string text) => $"\"{Escape(text)}\"";

    public static string Escape(string text)
    {
        var escaped = new StringBuilder(Math.Min(text.Length, Longest));
        foreach (var c in text)
        {
            if (escaped.Length >= Longest)
                return escaped.Append('…').ToString();
            if (char.IsControl(c) || c is '\u2028' or '\u2029')
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                escaped.Append(c);
        }
        return escaped.ToString();
    }
}

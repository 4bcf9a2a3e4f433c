using System.Globalization;
using System.Text;

namespace Mimu.Appliance.Configuration;

/// <summary>
/// Brings strangers' text into a fault, which is one line on somebody's terminal and in logs: control characters are
/// escaped, what is long is cut, and a password in a URL is left out.
/// </summary>
internal static class OneLine
{
    private const int LongestText = 80;

    /// <summary>Linux's PATH_MAX: a path that is cut can't be found.</summary>
    private const int LongestPath = 4096;

    public static string Quote(string text) => $"\"{Escape(WithoutUser(text))}\"";

    public static string QuotePath(string path) => $"\"{EscapePath(path)}\"";

    public static string Escape(string text) => Escape(text, LongestText);

    public static string EscapePath(string path) => Escape(path, LongestPath);

    private static string Escape(string text, int longest)
    {
        var escaped = new StringBuilder(Math.Min(text.Length, longest));
        foreach (var c in text)
        {
            if (escaped.Length >= longest)
                return escaped.Append('…').ToString();
            if (char.IsControl(c) || c is '\u2028' or '\u2029')
                escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}");
            else
                escaped.Append(c);
        }
        return escaped.ToString();
    }

    private static string WithoutUser(string text)
    {
        var start = text.IndexOf("://", StringComparison.Ordinal);
        var at = text.LastIndexOf('@');
        return start >= 0 && at > start ? $"{text[..start]}://…{text[at..]}" : text;
    }
}

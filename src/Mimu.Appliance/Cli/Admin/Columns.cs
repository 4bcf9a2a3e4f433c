using System.Text;

namespace Mimu.Appliance.Cli.Admin;

/// <summary>Text in columns, each as wide as its widest cell.</summary>
internal static class Columns
{
    private const string Gap = "  ";

    public static string Align(IReadOnlyList<string[]> rows)
    {
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.Append(string.Join(Gap, row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()).Append('\n');
        }
        return text.ToString();
    }
}

namespace Mimu.Appliance.Configuration;

/// <summary>Finds the known name that an unknown one was most likely meant to be.</summary>
internal static class Nearest
{
    /// <summary>From this rank on the candidate is only the nearest, not likely what was meant.</summary>
    private const int Far = 1000;

    /// <summary>A suggestion for a fault: <c>did you mean server.listen?</c></summary>
    /// <param name="unknown">The unknown name.</param>
    /// <param name="known">The known ones.</param>
    /// <param name="show">How a known one is written.</param>
    public static string Suggest(string unknown, IEnumerable<string> known, Func<string, string> show)
    {
        var nearest = "";
        var least = int.MaxValue;
        foreach (var candidate in known)
        {
            var rank = Rank(unknown, candidate);
            if (rank >= least)
                continue;
            least = rank;
            nearest = candidate;
        }
        return least < Far ? $"did you mean {show(nearest)}?" : $"the nearest known one is {show(nearest)}";
    }

    private static int Rank(string unknown, string known)
    {
        // Spelled almost so; or the right name in the wrong table, [server] level; or half of the name, chats.max.
        var distance = Distance(unknown, known);
        if (distance <= Math.Max(2, unknown.Length / 5))
            return distance;
        var (table, name) = Split(unknown);
        var (knownTable, knownName) = Split(known);
        if (name == knownName)
            return 100;
        if (table != knownTable)
            return 2 * Far + distance;
        return name.Length >= 3 && knownName.StartsWith(name, StringComparison.Ordinal) ? 200 : Far + distance;
    }

    private static (string Table, string Name) Split(string key)
    {
        var dot = key.LastIndexOf('.');
        return dot < 0 ? ("", key) : (key[..dot], key[(dot + 1)..]);
    }

    /// <summary>
    /// Levenshtein's distance: how many letters must be added, left out or replaced. What is past the 100th letter does not
    /// count, so that garbage costs no time.
    /// </summary>
    private static int Distance(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        a = a[..Math.Min(a.Length, 100)];
        b = b[..Math.Min(b.Length, 100)];
        // Row i of the table of distances between the first i letters of a and the first j of b; one row is kept.
        Span<int> row = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;

        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}

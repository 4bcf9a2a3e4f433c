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
    /// Damerau and Levenshtein's distance (optimal string alignment): how many letters must be added, left out, replaced or
    /// swapped with their neighbour. What is past the 100th letter does not count, so that garbage costs no time.
    /// </summary>
    private static int Distance(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        a = a[..Math.Min(a.Length, 100)];
        b = b[..Math.Min(b.Length, 100)];
        Span<int> beforeLast = stackalloc int[b.Length + 1];
        Span<int> last = stackalloc int[b.Length + 1];
        Span<int> current = stackalloc int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            last[j] = j;

        for (var i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(last[j], current[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    current[j] = Math.Min(current[j], beforeLast[j - 2] + 1);
            }
            var free = beforeLast;
            beforeLast = last;
            last = current;
            current = free;
        }
        return last[b.Length];
    }
}

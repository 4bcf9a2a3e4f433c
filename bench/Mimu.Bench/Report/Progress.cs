namespace Mimu.Bench.Report;

/// <summary>What is going on, for who waits; on the error stream, so that the table alone is the output.</summary>
internal static class Progress
{
    public static void Tell(string line) => Console.Error.WriteLine(line);
}

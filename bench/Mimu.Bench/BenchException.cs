namespace Mimu.Bench;

/// <summary>The bench can't go on; the message says why in one sentence.</summary>
internal sealed class BenchException(string message) : Exception(message);

namespace Mimu.Bench.Load;

/// <summary>What the server did that it must not do. One is enough for an error exit; the first few are told.</summary>
internal sealed class Faults
{
    private const int Told = 10;
    private readonly List<string> _messages = [];

    public long Count { get; private set; }

    /// <summary>Going on would only repeat it.</summary>
    public bool IsFull => Count >= Told;

    public IReadOnlyList<string> Messages => _messages;

    public void Add(string message)
    {
        Count++;
        if (_messages.Count < Told)
            _messages.Add(message);
    }

    public override string ToString() => Count == 0 ? "no faults" : string.Join("; ", _messages);
}

namespace Mimu.Core;

/// <summary>Gathers what is wrong with a request, so that a client is told everything at once and not one thing a try.</summary>
public sealed class Faults
{
    private readonly List<Fault> _all = [];

    /// <summary>Whether anything was wrong so far.</summary>
    public bool Any => _all.Count > 0;

    /// <summary>An encrypted member was over its limit: the answer is then 413 and not 422 (protocol section 1).</summary>
    public bool TooLarge { get; private set; }

    /// <summary>Notes one fault.</summary>
    public void Add(string path, string sentence) => _all.Add(new Fault(path, sentence));

    /// <summary>Notes that a member is larger than it may be.</summary>
    public void AddTooLarge(string path, int maximum)
    {
        TooLarge = true;
        Add(path, $"must be at most {maximum} bytes");
    }

    /// <summary>What to answer.</summary>
    /// <exception cref="InvalidOperationException">Nothing was wrong.</exception>
    public Error ToError() => !Any ? throw new InvalidOperationException("There are no faults.")
        : TooLarge ? Errors.PayloadTooLarge.Because(string.Join("; ", _all.Select(fault => $"{fault.Path} {fault.Sentence}")))
        : new ValidationFailed(_all);
}

using System.Diagnostics.CodeAnalysis;

namespace Mimu.Core.Subscriptions.Apple;

/// <summary>What Apple vouches for, or why it can't be taken for that.</summary>
public readonly struct AppleResult<T>
    where T : class
{
    private readonly T? _value;
    private readonly AppleRefusal _refusal;

    private AppleResult(T? value, AppleRefusal refusal)
    {
        _value = value;
        _refusal = refusal;
    }

    /// <summary>The value or the refusal, whichever there is.</summary>
    public bool Succeeded([NotNullWhen(true)] out T? value, out AppleRefusal refusal)
    {
        (value, refusal) = (_value, _refusal);
        return value is not null;
    }

    public static implicit operator AppleResult<T>(T value) => new(value, default);

    public static implicit operator AppleResult<T>(AppleRefusal refusal) => new(null, refusal);
}

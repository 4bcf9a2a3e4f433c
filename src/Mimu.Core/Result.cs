using System.Diagnostics.CodeAnalysis;

namespace Mimu.Core;

/// <summary>What an operation answers: a value, or the <see cref="Error"/> that says why there is none. Exceptions are for bugs and broken surroundings.</summary>
/// <typeparam name="T">What there is to know when it went well; <see cref="Done"/> when that is nothing.</typeparam>
public readonly struct Result<T>
{
    private readonly T? _value;

    private Result(T? value, Error? error)
    {
        _value = value;
        Error = error;
    }

    /// <summary>Null when it went well.</summary>
    public Error? Error { get; }

    /// <summary>Whether there is a value.</summary>
    public bool IsOk => Error is null;

    /// <summary>The value; reading it after a refusal is a bug of the caller.</summary>
    /// <exception cref="InvalidOperationException">There is an error instead.</exception>
    public T Value => Error is null ? _value! : throw new InvalidOperationException($"No value: {Error.Code}.");

    /// <summary>The value or the error, whichever there is.</summary>
    public bool Succeeded([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out Error? error)
    {
        (value, error) = (_value, Error);
        return error is null;
    }

    public static implicit operator Result<T>(T value) => new(value, null);

    public static implicit operator Result<T>(Error error) => new(default, error);
}

/// <summary>The value of an operation that has nothing to tell but that it went well.</summary>
public readonly record struct Done;

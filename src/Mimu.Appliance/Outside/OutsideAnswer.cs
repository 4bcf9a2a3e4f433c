using System.Text.Json;

namespace Mimu.Appliance.Outside;

/// <summary>What a push service or an app store answered.</summary>
/// <param name="Status">HTTP's status; 0 if there was no answer.</param>
/// <param name="Body">The beginning of the body.</param>
/// <param name="RetryAfter">Not to be tried again before this has passed; null if it does not say.</param>
internal sealed record OutsideAnswer(int Status, byte[] Body, TimeSpan? RetryAfter)
{
    /// <summary>Longer than every word of theirs.</summary>
    private const int MaxWord = 64;

    /// <summary>Why there was no answer; null if there was one.</summary>
    public string? Fault { get; private init; }

    /// <summary>What was behind it.</summary>
    public Exception? Exception { get; private init; }

    public static OutsideAnswer None(string fault, Exception? exception) => new(0, [], null) { Fault = fault, Exception = exception };

    /// <summary>For the log and the administrator.</summary>
    /// <param name="service">Whose answer it is.</param>
    /// <param name="word">The service's word for it; null for none.</param>
    public string Tell(string service, string? word) => Status == 0 ? Fault! : word is null ? $"{service} answers {Status}" : $"{service} answers {Status} {word}";

    /// <summary>Reads the body; null if it is not a JSON object.</summary>
    public T? Read<T>(Func<JsonElement, T?> read)
        where T : class
    {
        try
        {
            using var json = JsonDocument.Parse(Body);
            return json.RootElement.ValueKind is JsonValueKind.Object ? read(json.RootElement) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter: half of a surrogate pair in a text, or bytes that are not UTF-8.
            return null;
        }
    }

    /// <summary>A member that is a word of the service's, such as <c>UNREGISTERED</c>; null if it is none, so that nothing else of an answer gets into logs.</summary>
    public static string? Word(JsonElement json, string name)
    {
        if (Text(json, name) is not { Length: > 0 and <= MaxWord } word)
        {
            return null;
        }
        foreach (var c in word)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
            {
                return null;
            }
        }
        return word;
    }

    /// <summary>A member that is a text; null if it is none.</summary>
    public static string? Text(JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}

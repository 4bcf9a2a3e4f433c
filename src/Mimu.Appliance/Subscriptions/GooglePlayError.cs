using System.Text.Json;
using Mimu.Appliance.Outside;

namespace Mimu.Appliance.Subscriptions;

/// <summary>What the Play Developer API says is wrong ("Standard error responses" of Google's APIs).</summary>
/// <param name="Word">Its most precise word, such as <c>purchaseTokenNoLongerValid</c>; null for none.</param>
internal sealed record GooglePlayError(string? Word)
{
    /// <summary>Whether it is about how much was asked: some of it comes with 403, as if a right was missing.</summary>
    public bool IsOfQuota => Word is "rateLimitExceeded" or "userRateLimitExceeded" or "quotaExceeded" or "dailyLimitExceeded" or "RATE_LIMIT_EXCEEDED" or "RESOURCE_EXHAUSTED";

    /// <summary>Null when it is not an error of Google's: a proxy's page, that of another server, or nothing.</summary>
    public static GooglePlayError? Read(OutsideAnswer answer) => answer.Read(Find);

    private static GooglePlayError? Find(JsonElement json) => json.TryGetProperty("error", out var error) && error.ValueKind is JsonValueKind.Object
        ? new GooglePlayError(ReasonIn(error, "errors") ?? ReasonIn(error, "details") ?? OutsideAnswer.Word(error, "reason") ?? OutsideAnswer.Word(error, "status"))
        : null;

    /// <summary>The first reason of a list.</summary>
    private static string? ReasonIn(JsonElement error, string name)
    {
        if (error.TryGetProperty(name, out var list) && list.ValueKind is JsonValueKind.Array)
        {
            foreach (var one in list.EnumerateArray())
            {
                if (OutsideAnswer.Word(one, "reason") is { } word)
                {
                    return word;
                }
            }
        }
        return null;
    }
}

using Mimu.Appliance.Google;
using Mimu.Appliance.Outside;
using Mimu.Core.Push;

namespace Mimu.Appliance.Push;

/// <summary>What becomes of a push by what was answered.</summary>
internal static class PushOutcomes
{
    /// <summary>By the status alone, for what services do not say otherwise.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="service">Whose answer it is.</param>
    /// <param name="word">The service's word for it; null for none.</param>
    /// <param name="pause">When to try again, if the service does not say; null: as the caller likes.</param>
    public static PushOutcome ByStatus(this OutsideAnswer answer, string service, string? word, TimeSpan? pause = null) => answer.Status switch
    {
        0 => new PushOutcome(PushResult.Retry, answer.Fault!),
        >= 200 and < 300 => PushOutcome.Accepted,
        429 or >= 500 => new PushOutcome(PushResult.Retry, answer.Tell(service, word)) { RetryAfter = answer.RetryAfter ?? pause },
        // A redirect too: it would take the token elsewhere.
        _ => new PushOutcome(PushResult.Rejected, answer.Tell(service, word)),
    };

    /// <summary>Of a push that could not be sent, since there was no access token for it.</summary>
    public static PushOutcome ToOutcome(this GoogleRefusal refusal) => new(
        refusal.Cause switch
        {
            GoogleRefusalCause.Credentials => PushResult.Unauthorized,
            GoogleRefusalCause.Passing => PushResult.Retry,
            _ => PushResult.Rejected,
        },
        refusal.Detail)
    {
        RetryAfter = refusal.RetryAfter,
    };
}

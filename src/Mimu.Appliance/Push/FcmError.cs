using System.Text.Json;
using Mimu.Appliance.Outside;

namespace Mimu.Appliance.Push;

/// <summary>What FCM says is wrong (<c>google.rpc.Status</c>).</summary>
/// <param name="Status">The canonical code, such as <c>NOT_FOUND</c>; null for none.</param>
/// <param name="Code">FCM's own code, such as <c>UNREGISTERED</c>, from the detail of the type <c>FcmError</c>; null for none.</param>
/// <param name="IsOfToken">Whether the message's token is what is not valid.</param>
internal sealed record FcmError(string? Status, string? Code, bool IsOfToken)
{
    private const string OwnDetail = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
    private const string BadRequest = "type.googleapis.com/google.rpc.BadRequest";

    /// <summary>Of an answer that is no error of Google's: a proxy's page, or nothing.</summary>
    public static FcmError Unknown { get; } = new(null, null, false);

    /// <summary>The most precise word there is.</summary>
    public string? Word => Code ?? Status;

    public static FcmError Read(OutsideAnswer answer) => answer.Read(Find) ?? Unknown;

    private static FcmError? Find(JsonElement json)
    {
        if (!json.TryGetProperty("error", out var error) || error.ValueKind is not JsonValueKind.Object)
        {
            return null;
        }
        string? code = null;
        var isOfToken = false;
        if (error.TryGetProperty("details", out var details) && details.ValueKind is JsonValueKind.Array)
        {
            foreach (var detail in details.EnumerateArray())
            {
                switch (OutsideAnswer.Text(detail, "@type"))
                {
                    case OwnDetail:
                        code = OutsideAnswer.Word(detail, "errorCode");
                        break;
                    case BadRequest:
                        isOfToken |= HasToken(detail);
                        break;
                }
            }
        }
        return new FcmError(OutsideAnswer.Word(error, "status"), code, isOfToken);
    }

    private static bool HasToken(JsonElement detail)
    {
        if (detail.TryGetProperty("fieldViolations", out var violations) && violations.ValueKind is JsonValueKind.Array)
        {
            foreach (var violation in violations.EnumerateArray())
            {
                if (OutsideAnswer.Text(violation, "field") == "message.token")
                {
                    return true;
                }
            }
        }
        return false;
    }
}

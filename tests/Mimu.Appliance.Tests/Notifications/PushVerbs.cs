using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;
using Mimu.PushStandIns;

namespace Mimu.Appliance.Tests.Notifications;

/// <summary>What people do to be woken (protocol section 11).</summary>
internal static class PushVerbs
{
    private const string Path = "/api/v1/notifications/devices";

    public static Task<Answer> TryRegisterPushAsync(this Person person, JsonObject body) => person.Http.PostAsync(Path, body);

    public static async Task<string> RegisterPushAsync(this Person person, JsonObject body, int status = 201) =>
        (string)(await person.TryRegisterPushAsync(body)).Expect(status)["registration_id"]!;

    public static Task<string> RegisterPushAsync(this Person person, StandInSubscription subscription) => person.RegisterPushAsync(BodyOf(subscription));

    public static async Task<JsonArray> ListPushAsync(this Person person) => (await person.Http.GetAsync(Path)).Expect(200)["registrations"]!.AsArray();

    public static Task<Answer> TryRemovePushAsync(this Person person, string id) => person.Http.DeleteAsync($"{Path}/{id}");

    public static JsonObject BodyOf(StandInSubscription subscription) => new()
    {
        ["platform"] = "webpush",
        ["subscription"] = new JsonObject
        {
            ["endpoint"] = subscription.Endpoint,
            ["keys"] = new JsonObject { ["p256dh"] = subscription.P256dh, ["auth"] = subscription.Auth },
        },
    };
}

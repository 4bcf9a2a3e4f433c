using Mimu.Appliance.Configuration;
using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;
using Mimu.Core.Storage;
using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Subscriptions;

/// <summary>Protocol section 10: who is premium, and what they have bought.</summary>
internal static class SubscriptionEndpoints
{
    private const int MaxProduct = 255;

    /// <summary>As long as any receipt.</summary>
    private const int MaxReceipt = 64 * 1024;

    /// <summary>A notification has two of them in it, in Base64.</summary>
    private const int MaxNotification = 4 * MaxReceipt;

    private static readonly (string Word, StorePlatform Value)[] _platforms = [("apple", StorePlatform.Apple), ("google", StorePlatform.Google)];

    public static void MapSubscriptions(this IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetRequiredService<MimuOptions>().Subscriptions.Mode is SubscriptionMode.Off)
        {
            return;
        }
        var subscriptions = routes.MapGroup("/subscriptions");
        subscriptions.MapPost("/purchase", PurchaseAsync).WithSummary("Show a receipt of one's own") // 10.1
            .Takes(Purchase).Gives(200, () => MimuJson.Default.SubscriptionBody).Refuses(Errors.ReceiptInvalid, Errors.ReceiptInUse, Errors.StoreUnavailable);
        subscriptions.MapGet("/validate", ValidateAsync).WithSummary("What one has subscribed to").Gives(200, () => MimuJson.Default.SubscriptionBody); // 10.2
        var notifications = subscriptions.MapGroup("/notifications").Anonymous(); // 10.3
        notifications.MapPost("/apple", AppleAsync).WithSummary("App Store Server Notifications V2, from Apple").Takes(SignedPayload).Gives(200).Refuses(Errors.Unauthorized);
        notifications.MapPost("/google", GoogleAsync).WithSummary("Real-time developer notifications, from Google").Asks(Token).Takes(PubSub).Gives(200)
            .Refuses(Errors.Unauthorized, Errors.MalformedRequest, Errors.StoreUnavailable);
    }

    private static PurchaseCommand Purchase(Fields fields) =>
        new(fields.Choice("platform", _platforms), fields.OptionalText("product_id", 1, MaxProduct), fields.Text("receipt", 1, MaxReceipt));

    private static string SignedPayload(Fields fields) => fields.Text("signedPayload", 1, MaxNotification);

    /// <summary>For the description alone: Google's own messages are read more leniently than clients' bodies (<see cref="GoogleNotification"/>).</summary>
    private static object? PubSub(Fields fields) => fields.Object("message", message => new { Data = message.Text("data", 1, MaxReceipt), Id = message.Text("messageId", 1, MaxProduct) });

    private static string? Token(Query query) => query.Text("token");

    private static Task<IResult> PurchaseAsync(HttpContext http, Receipts receipts) => http.HandleAsync(Purchase,
        (command, cancellation) => receipts.TakeAsync(http.Caller(), command, cancellation), status => Answers.Ok(SubscriptionBody.From(status), MimuJson.Default.SubscriptionBody));

    private static async Task<IResult> ValidateAsync(HttpContext http, Subscribers subscribers, IDatabase database) =>
        await database.ReadAsync(tx => subscribers.StatusOfAsync(tx, http.Caller().UserId), http.RequestAborted) is { } status
            ? Answers.Ok(SubscriptionBody.From(status), MimuJson.Default.SubscriptionBody)
            : Problems.Of(Errors.NotFound);

    private static Task<IResult> AppleAsync(HttpContext http, Receipts receipts) =>
        http.HandleAsync(SignedPayload, receipts.TakeAppleAsync, _ => Results.Ok());

    private static async Task<IResult> GoogleAsync(HttpContext http, Receipts receipts)
    {
        if (!Query.Read(http, Token).Succeeded(out var token, out var fault))
        {
            return Problems.Of(fault);
        }
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        return (await receipts.TakeGoogleAsync(token, body.ToArray(), http.RequestAborted)).Then(_ => Results.Ok());
    }
}

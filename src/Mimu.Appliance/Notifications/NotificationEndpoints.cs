using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;
using Mimu.Core.Push;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Notifications;

/// <summary>Protocol section 11: where pushes go.</summary>
internal static class NotificationEndpoints
{
    public static void MapNotifications(this IEndpointRouteBuilder routes)
    {
        var notifications = routes.MapGroup("/api/v1/notifications");
        var bodies = routes.ServiceProvider.GetRequiredService<NotificationBodies>();
        notifications.MapPost("/devices", RegisterAsync).WithSummary("Register this device for pushes") // 11.1
            .Takes(bodies.Target).Gives(201, () => MimuJson.Default.RegistrationIdBody).Gives(200, () => MimuJson.Default.RegistrationIdBody);
        notifications.MapGet("/devices", ListAsync).WithSummary("One's own registrations for pushes").Gives(200, () => MimuJson.Default.RegistrationsBody);
        notifications.MapDelete("/devices/{registration_id}", RemoveAsync).WithSummary("Have a registration pushed no more").Gives(204).Refuses(Errors.NotFound);
        notifications.MapGet("/vapid-key", VapidKey).WithSummary("The server's public key for Web Push and UnifiedPush")
            .Gives(200, () => MimuJson.Default.VapidKeyBody).Refuses(Errors.NotFound);
    }

    private static Task<IResult> RegisterAsync(HttpContext http, NotificationBodies bodies, RegisterForPush register) => http.HandleAsync(bodies.Target,
        (target, cancellation) => register.RunAsync(http.Caller(), target, cancellation),
        registered => Answer(registered.IsNew, new RegistrationIdBody(registered.Registration.Id.ToString())));

    private static IResult Answer(bool isNew, RegistrationIdBody body) =>
        isNew ? Answers.Created(body, MimuJson.Default.RegistrationIdBody) : Answers.Ok(body, MimuJson.Default.RegistrationIdBody);

    private static async Task<IResult> ListAsync(HttpContext http, IDatabase database)
    {
        var registrations = await database.ReadAsync(tx => tx.Push.ListAsync(http.Caller().UserId), http.RequestAborted);
        return Answers.Ok(new RegistrationsBody([.. registrations.Select(RegistrationBody.From)]), MimuJson.Default.RegistrationsBody);
    }

    private static async Task<IResult> RemoveAsync(HttpContext http, string registration_id, IDatabase database)
    {
        if (!Ids.TryParse(registration_id, out var id))
        {
            return Problems.Of(Errors.NotFound);
        }
        var removed = await database.WriteAsync<Done>(
            async tx => await tx.Push.RemoveAsync(http.Caller().UserId, new RegistrationId(id)) ? default(Done) : Errors.NotFound, http.RequestAborted);
        return removed.Then(_ => Answers.NoContent);
    }

    private static IResult VapidKey(IServiceProvider services) => services.GetService<Vapid>() is { } vapid
        ? Answers.Ok(new VapidKeyBody(vapid.PublicKey), MimuJson.Default.VapidKeyBody)
        : Problems.Of(Errors.NotFound.Because("This server does not push by Web Push."));
}

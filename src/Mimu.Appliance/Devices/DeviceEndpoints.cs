using System.Globalization;
using Mimu.Appliance.Auth;
using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;
using Mimu.Core.Devices;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Devices;

/// <summary>Protocol 3.9: linked devices.</summary>
internal static class DeviceEndpoints
{
    public static void MapDevices(this IEndpointRouteBuilder routes)
    {
        var devices = routes.MapGroup("/users/me/devices");
        var limits = routes.ServiceProvider.GetRequiredService<Limits>();
        devices.MapPost("", LinkAsync).WithSummary("Link another device, with its first tokens") // 3.9
            .Limited(RateKind.LoginAccount).Takes(fields => DeviceBodies.Link(fields, limits, [])).Gives(201, () => MimuJson.Default.TokenBody)
            .Refuses(Errors.PasswordIncorrect, Errors.LimitReached, Errors.KeysDiffer);
        devices.MapGet("", ListAsync).WithSummary("One's own devices").Gives(200, () => MimuJson.Default.DevicesBody);
        devices.MapDelete("/{device_id}", RemoveAsync).WithSummary("Remove a linked device")
            .Gives(204).Refuses(Errors.NotFound, new ValidationFailed([]));
    }

    private static async Task<IResult> LinkAsync(HttpContext http, LinkDevice link, IDatabase database, Limits limits)
    {
        var caller = http.Caller();
        if (await database.ReadAsync(tx => tx.Accounts.FindAsync(caller.UserId), http.RequestAborted) is not { } account)
        {
            return Problems.Of(Errors.SessionEnded);
        }
        return await http.HandleAsync(fields => DeviceBodies.Link(fields, limits, account.SigningKey),
            (command, cancellation) => link.RunAsync(caller, command, cancellation),
            grant => Answers.Created(TokenBody.From(grant), MimuJson.Default.TokenBody));
    }

    private static async Task<IResult> ListAsync(HttpContext http, IDatabase database)
    {
        var caller = http.Caller();
        var devices = await database.ReadAsync(tx => tx.Devices.ListAsync(caller.UserId), http.RequestAborted);
        return Answers.Ok(new DevicesBody(devices.Select(device => DeviceBody.From(device, caller)).ToList()), MimuJson.Default.DevicesBody);
    }

    private static async Task<IResult> RemoveAsync(HttpContext http, string device_id, RemoveDevice remove) =>
        int.TryParse(device_id, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (await remove.RunAsync(http.Caller(), number, http.RequestAborted)).Then(_ => Answers.NoContent)
            : Problems.Of(Errors.NotFound);
}

using System.Globalization;
using Mimu.Appliance.Auth;
using Mimu.Appliance.Http;
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
        devices.MapPost("", LinkAsync); // 3.9
        devices.MapGet("", ListAsync);
        devices.MapDelete("/{device_id}", RemoveAsync);
    }

    private static async Task<IResult> LinkAsync(HttpContext http, LinkDevice link, IDatabase database, Limits limits)
    {
        var caller = http.Caller();
        var account = await database.ReadAsync(tx => tx.Accounts.FindAsync(caller.UserId), http.RequestAborted);
        return await http.HandleAsync(fields => DeviceBodies.Link(fields, limits, account!.SigningKey),
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
            ? (await remove.RunAsync(http.Caller(), number, http.RequestAborted)).Then(_ => Answers.NoContent())
            : Problems.Of(Errors.NotFound);
}

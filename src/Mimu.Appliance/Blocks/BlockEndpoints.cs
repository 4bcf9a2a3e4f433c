using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Appliance.Users;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Blocks;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Blocks;

/// <summary>Protocol 3.8: blocks.</summary>
internal static class BlockEndpoints
{
    public static void MapBlocks(this IEndpointRouteBuilder routes)
    {
        var blocks = routes.MapGroup("/users/me/blocks");
        blocks.MapGet("", ListAsync).WithSummary("Whom one blocks").Gives(200, () => MimuJson.Default.BlocksBody); // 3.8
        blocks.MapPut("/{public_id}", BlockAsync).WithSummary("Block somebody").Gives(204).Refuses(Errors.NotFound, new ValidationFailed([]));
        blocks.MapDelete("/{public_id}", UnblockAsync).WithSummary("Lift a block").Gives(204).Refuses(Errors.NotFound);
    }

    private static async Task<IResult> ListAsync(HttpContext http, IDatabase database)
    {
        var blocked = await database.ReadAsync(tx => tx.Blocks.ListAsync(http.Caller().UserId), http.RequestAborted);
        return Answers.Ok(new BlocksBody(blocked.Select(ProfileBody.From).ToList()), MimuJson.Default.BlocksBody);
    }

    private static async Task<IResult> BlockAsync(HttpContext http, string public_id, BlockAccount block) =>
        PublicId.TryParse(public_id, out var id) ? (await block.RunAsync(http.Caller(), id, http.RequestAborted)).Then(_ => Answers.NoContent) : Problems.Of(Errors.NotFound);

    private static async Task<IResult> UnblockAsync(HttpContext http, string public_id, UnblockAccount unblock) =>
        PublicId.TryParse(public_id, out var id) ? (await unblock.RunAsync(http.Caller(), id, http.RequestAborted)).Then(_ => Answers.NoContent) : Problems.Of(Errors.NotFound);
}

/// <summary>Whom the caller blocks (protocol 3.8).</summary>
internal sealed record BlocksBody(IReadOnlyList<ProfileBody> Blocks);

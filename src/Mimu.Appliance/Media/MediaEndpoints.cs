using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;
using Mimu.Core.Media;

namespace Mimu.Appliance.Media;

/// <summary>Protocol section 8: files, which go to the store and come from it by URLs that are given out here.</summary>
internal static class MediaEndpoints
{
    public static void MapMedia(this IEndpointRouteBuilder routes)
    {
        var media = routes.MapGroup("/api/v1/media");
        media.MapPost("/upload", UploadAsync).WithSummary("Ask for the URL of an upload") // 8.1
            .Limited(RateKind.Upload).Takes(MediaBodies.Upload).Gives(201, () => MimuJson.Default.UploadBody).Refuses(Errors.QuotaExceeded);
        media.MapGet("/{file_key}", GetAsync).WithSummary("A file, with the URL of its download") // 8.3
            .Gives(200, () => MimuJson.Default.FileBody).Refuses(Errors.NotFound);
        media.MapDelete("/{file_key}", DeleteAsync).WithSummary("Delete a file of one's own").Gives(204).Refuses(Errors.NotFound);
    }

    private static Task<IResult> UploadAsync(HttpContext http, RequestUpload upload) => http.HandleAsync(MediaBodies.Upload,
        (command, cancellation) => upload.RunAsync(http.Caller(), command, cancellation), asked => Answers.Created(UploadBody.From(asked), MimuJson.Default.UploadBody));

    private static async Task<IResult> GetAsync(HttpContext http, string file_key, FindFile find) => FileKey.TryParse(file_key, out var key)
        ? (await find.RunAsync(http.Caller(), key, http.RequestAborted)).Then(found => Answers.Ok(FileBody.From(found), MimuJson.Default.FileBody))
        : Problems.Of(Errors.NotFound);

    private static async Task<IResult> DeleteAsync(HttpContext http, string file_key, DeleteFile delete, BlobUpload upload)
    {
        if (!FileKey.TryParse(file_key, out var key))
        {
            return Problems.Of(Errors.NotFound);
        }
        var deleted = await delete.RunAsync(http.Caller(), key, http.RequestAborted);
        if (deleted.IsOk)
        {
            await upload.BreakOffAsync(key);
        }
        return deleted.Then(_ => Answers.NoContent);
    }
}

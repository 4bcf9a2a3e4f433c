using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Users;

/// <summary>Protocol section 3: people.</summary>
internal static class UserEndpoints
{
    private const int MinSearch = 2;
    private const int MaxSearch = 32;

    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        var users = routes.MapGroup("/users");
        users.MapGet("/search", SearchAsync).WithSummary("Find people by the beginning of their public id") // 3.1
            .Limited(RateKind.Search).Asks(Search).Gives(200, () => MimuJson.Default.ProfilesBody);
        users.MapGet("/{public_id}", GetAsync).WithSummary("One person's profile and keys") // 3.2
            .Gives(200, () => MimuJson.Default.ProfileWithKeysBody).Refuses(Errors.NotFound);
    }

    private static async Task<IResult> SearchAsync(HttpContext http, IDatabase database)
    {
        var search = Query.Read(http, Search);
        if (!search.Succeeded(out var wanted, out var refusal))
        {
            return Problems.Of(refusal);
        }
        var found = await database.ReadAsync(tx => tx.Accounts.SearchAsync(wanted.Prefix, http.Caller().UserId, wanted.Limit), http.RequestAborted);
        return Answers.Ok(new ProfilesBody(found.Select(ProfileBody.From).ToList()), MimuJson.Default.ProfilesBody);
    }

    private static async Task<IResult> GetAsync(HttpContext http, string public_id, IDatabase database) =>
        PublicId.TryParse(public_id, out var id)
        && await database.ReadAsync(tx => tx.Accounts.FindAsync(id), http.RequestAborted) is { State: not AccountState.Deleted } account
            ? Answers.Ok(ProfileWithKeysBody.From(account), MimuJson.Default.ProfileWithKeysBody)
            : Problems.Of(Errors.NotFound);

    private static (string Prefix, int Limit) Search(Query query) => (query.Text("q", MinSearch, MaxSearch).ToLowerInvariant(), query.Limit());
}

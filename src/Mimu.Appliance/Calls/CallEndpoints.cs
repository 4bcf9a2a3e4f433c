using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;
using Mimu.Core.Calls;

namespace Mimu.Appliance.Calls;

/// <summary>Protocol section 9; what is said during a call goes over sockets.</summary>
internal static class CallEndpoints
{
    public static void MapCalls(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/calls/turn-credentials", GetCredentials).WithSummary("Get credentials for the servers that relay calls") // 9.1
            .Gives(200, () => MimuJson.Default.TurnCredentialsBody).Refuses(Errors.CallsNotConfigured);

    private static IResult GetCredentials(HttpContext http, IssueTurnCredentials issue) =>
        issue.Run(http.Caller()).Then(issued => Answers.Ok(TurnCredentialsBody.From(issued), MimuJson.Default.TurnCredentialsBody));
}

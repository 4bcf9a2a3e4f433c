using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core.Chats;

namespace Mimu.Appliance.Chats;

/// <summary>Protocol section 4.</summary>
internal static class ChatEndpoints
{
    public static void MapChats(this IEndpointRouteBuilder routes)
    {
        var chats = routes.MapGroup("/api/v1/chats");
        var bodies = routes.ServiceProvider.GetRequiredService<ChatBodies>();
        chats.MapPost("", CreateAsync).WithSummary("Open a chat; of a direct chat with the same person there is one") // 4.1
            .Limited(RateKind.CreateChat).Takes(bodies.Create).Gives(201, MimuJson.Default.ChatBody).Gives(200, MimuJson.Default.ChatBody);
    }

    private static Task<IResult> CreateAsync(HttpContext http, ChatBodies bodies, CreateChat create) =>
        http.HandleAsync(bodies.Create, (command, cancellation) => create.RunAsync(http.Caller(), command, cancellation), created =>
        {
            var body = ChatBody.From(created.View, http.Caller().UserId);
            return created.IsNew ? Answers.Created(body, MimuJson.Default.ChatBody) : Answers.Ok(body, MimuJson.Default.ChatBody);
        });
}

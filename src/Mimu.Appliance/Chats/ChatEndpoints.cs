using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;
using Mimu.Core.Chats;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Chats;

/// <summary>Protocol section 4.</summary>
internal static class ChatEndpoints
{
    public static void MapChats(this IEndpointRouteBuilder routes)
    {
        var chats = routes.MapGroup("/api/v1/chats");
        var bodies = routes.ServiceProvider.GetRequiredService<ChatBodies>();
        chats.MapPost("", CreateAsync).WithSummary("Open a chat; of a direct chat with the same person there is one") // 4.1
            .Limited(RateKind.CreateChat).Takes(bodies.Create).Gives(201, () => MimuJson.Default.ChatBody).Gives(200, () => MimuJson.Default.ChatBody);
        chats.MapGet("", ListAsync).WithSummary("One's own chats, the last to be active first") // 4.2
            .Asks(ChatBodies.List).Gives(200, () => MimuJson.Default.ChatsBody);
        chats.MapGet("/{chat_id}", GetAsync).WithSummary("A chat").Gives(200, () => MimuJson.Default.ChatBody).Refuses(Errors.NotFound);
        chats.MapPatch("/{chat_id}", ChangeAsync).WithSummary("Change a chat's metadata, or how long its messages live") // 4.3
            .Takes(fields => bodies.Change(fields, default)).Gives(200, () => MimuJson.Default.ChatBody)
            .Refuses(Errors.NotFound, Errors.NotAdmin, Errors.Blocked);
        chats.MapPost("/{chat_id}/participants", AddAsync).WithSummary("Take somebody into a group") // 4.4
            .Takes(ChatBodies.Add).Gives(201, () => MimuJson.Default.ParticipantBody).Gives(200, () => MimuJson.Default.ParticipantBody)
            .Refuses(Errors.NotFound, Errors.DirectChat, Errors.LimitReached);
        chats.MapDelete("/{chat_id}/participants/{user_id}", RemoveAsync).WithSummary("Leave a group, or remove somebody from it") // 4.5
            .Gives(204).Refuses(Errors.NotFound, Errors.DirectChat, Errors.NotAdmin);
        chats.MapPatch("/{chat_id}/participants/{user_id}", ChangeRoleAsync).WithSummary("Give somebody in a group another role")
            .Takes(ChatBodies.Role).Gives(200, () => MimuJson.Default.ParticipantBody)
            .Refuses(Errors.NotFound, Errors.DirectChat, Errors.NotAdmin);
        chats.MapPut("/{chat_id}/read-marker", ReadAsync).WithSummary("Note how far one has read") // 4.7
            .Takes(fields => ChatBodies.Read(fields, default)).Gives(204).Refuses(Errors.NotFound);
    }

    private static Task<IResult> CreateAsync(HttpContext http, ChatBodies bodies, CreateChat create) =>
        http.HandleAsync(bodies.Create, (command, cancellation) => create.RunAsync(http.Caller(), command, cancellation), created =>
        {
            var body = ChatBody.From(created.View, http.Caller().UserId);
            return created.IsNew ? Answers.Created(body, MimuJson.Default.ChatBody) : Answers.Ok(body, MimuJson.Default.ChatBody);
        });

    private static async Task<IResult> ListAsync(HttpContext http, IDatabase database, TimeProvider clock)
    {
        if (!Query.Read(http, ChatBodies.List).Succeeded(out var wanted, out var refusal))
        {
            return Problems.Of(refusal);
        }
        var user = http.Caller().UserId;
        var page = await database.ReadAsync(tx => tx.Chats.PageAsync(user, wanted.Before, wanted.Limit, clock.Now()), http.RequestAborted);
        return page is null
            ? Problems.Of(new ValidationFailed([new Fault("before", "must be the `next` of a page of chats from this server")]))
            : Answers.Ok(ChatsBody.From(page, user), MimuJson.Default.ChatsBody);
    }

    private static async Task<IResult> GetAsync(HttpContext http, string chat_id, IDatabase database, TimeProvider clock)
    {
        var user = http.Caller().UserId;
        return Ids.TryParse(chat_id, out var id)
            && await database.ReadAsync(tx => tx.Chats.ViewAsync(new ChatId(id), user, clock.Now()), http.RequestAborted) is { } view
                ? Answers.Ok(ChatBody.From(view, user), MimuJson.Default.ChatBody)
                : Problems.Of(Errors.NotFound);
    }

    private static Task<IResult> ChangeAsync(HttpContext http, string chat_id, ChatBodies bodies, ChangeChat change) =>
        http.HandleAsync(chat_id, (fields, id) => bodies.Change(fields, new ChatId(id)),
            (command, cancellation) => change.RunAsync(http.Caller(), command, cancellation),
            view => Answers.Ok(ChatBody.From(view, http.Caller().UserId), MimuJson.Default.ChatBody));

    private static Task<IResult> AddAsync(HttpContext http, string chat_id, AddParticipant add) =>
        http.HandleAsync(chat_id, (fields, id) => (Chat: new ChatId(id), User: ChatBodies.Add(fields)),
            (wanted, cancellation) => add.RunAsync(http.Caller(), wanted.Chat, wanted.User, cancellation), added =>
            {
                var body = ParticipantBody.From(added.Participant);
                return added.IsNew ? Answers.Created(body, MimuJson.Default.ParticipantBody) : Answers.Ok(body, MimuJson.Default.ParticipantBody);
            });

    private static async Task<IResult> RemoveAsync(HttpContext http, string chat_id, string user_id, RemoveParticipant remove) =>
        Ids.TryParse(chat_id, out var chat) && Ids.TryParse(user_id, out var user)
            ? (await remove.RunAsync(http.Caller(), new ChatId(chat), new UserId(user), http.RequestAborted)).Then(_ => Answers.NoContent)
            : Problems.Of(Errors.NotFound);

    private static async Task<IResult> ChangeRoleAsync(HttpContext http, string chat_id, string user_id, ChangeRole change) =>
        !Ids.TryParse(user_id, out var user)
            ? Problems.Of(Errors.NotFound)
            : await http.HandleAsync(chat_id, (fields, id) => (Chat: new ChatId(id), Role: ChatBodies.Role(fields)),
                (wanted, cancellation) => change.RunAsync(http.Caller(), wanted.Chat, new UserId(user), wanted.Role, cancellation),
                participant => Answers.Ok(ParticipantBody.From(participant), MimuJson.Default.ParticipantBody));

    private static Task<IResult> ReadAsync(HttpContext http, string chat_id, MoveReadMarker move) =>
        http.HandleAsync(chat_id, (fields, id) => ChatBodies.Read(fields, new ChatId(id)),
            (command, cancellation) => move.RunAsync(http.Caller(), command, cancellation), _ => Answers.NoContent);
}

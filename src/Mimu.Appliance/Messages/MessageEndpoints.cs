using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;
using Mimu.Core.Messages;

namespace Mimu.Appliance.Messages;

/// <summary>Protocol section 5.</summary>
internal static class MessageEndpoints
{
    public static void MapMessages(this IEndpointRouteBuilder routes)
    {
        var messages = routes.MapGroup("/api/v1/messages");
        var bodies = routes.ServiceProvider.GetRequiredService<MessageBodies>();
        messages.MapPost("", SendAsync).WithSummary("Send a message; a repeat with the same client_message_id stores nothing") // 5.1
            .Limited(RateKind.Send).Takes(bodies.Send).Gives(201, MimuJson.Default.MessageBody).Gives(200, MimuJson.Default.MessageBody)
            .Refuses(Errors.NotFound, Errors.Blocked, new StaleMembership(0));
        messages.MapGet("", ListAsync).WithSummary("List a chat's messages") // 5.2
            .Asks(Listing).Gives(200, MimuJson.Default.MessagesBody).Refuses(Errors.NotFound);
    }

    private static Task<IResult> SendAsync(HttpContext http, MessageBodies bodies, SendMessage send) =>
        http.HandleAsync(bodies.Send, (command, cancellation) => send.RunAsync(http.Caller(), command, cancellation), sent =>
        {
            var body = MessageBody.From(sent.Message, forSender: true);
            return sent.IsNew ? Answers.Created(body, MimuJson.Default.MessageBody) : Answers.Ok(body, MimuJson.Default.MessageBody);
        });

    private static async Task<IResult> ListAsync(HttpContext http, ListMessages list)
    {
        var query = Query.Read(http, Listing);
        if (!query.Succeeded(out var wanted, out var refusal))
        {
            return Problems.Of(refusal);
        }
        var caller = http.Caller();
        return (await list.RunAsync(caller, wanted, http.RequestAborted)).Then(page => Answers.Ok(
            new MessagesBody(page.Messages.Select(message => MessageBody.From(message, caller.UserId)).ToList(), page.HasMore),
            MimuJson.Default.MessagesBody));
    }

    private static ListMessagesQuery Listing(Query query) => new(
        new ChatId(query.Id("chat_id")),
        query.OptionalId("before") is { } before ? new MessageId(before) : null,
        query.OptionalId("after") is { } after ? new MessageId(after) : null,
        query.Limit());
}

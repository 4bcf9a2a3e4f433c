using System.Buffers;
using Mimu.Appliance.Http;
using Mimu.Appliance.OpenApi;
using Mimu.Core;
using Mimu.Core.Messages;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Messages;

/// <summary>Protocol section 5.</summary>
internal static class MessageEndpoints
{
    /// <summary>Room for 32 payloads of 256 KiB in Base64 (protocol 5.3).</summary>
    private const long MaxForwardBody = 12 << 20;

    public static void MapMessages(this IEndpointRouteBuilder routes)
    {
        var messages = routes.MapGroup("/api/v1/messages");
        var bodies = routes.ServiceProvider.GetRequiredService<MessageBodies>();
        var send = Sending(bodies, routes.ServiceProvider.GetRequiredService<SendMessage>());
        messages.MapPost("", send).WithSummary("Send a message; a repeat with the same client_message_id stores nothing") // 5.1
            .Limited(RateKind.Send, sparesRepeats: true).Takes(bodies.Send).Gives(201, () => MimuJson.Default.MessageBody).Gives(200, () => MimuJson.Default.MessageBody)
            .Refuses(Errors.NotFound, Errors.Blocked, new StaleMembership(0));
        messages.MapGet("", ListAsync).WithSummary("List a chat's messages") // 5.2
            .Asks(Listing).Gives(200, () => MimuJson.Default.MessagesBody).Refuses(Errors.NotFound);
        messages.MapGet("/{message_id}", GetAsync).WithSummary("A message").Gives(200, () => MimuJson.Default.MessageBody).Refuses(Errors.NotFound);
        messages.MapPost("/{message_id}/forward", ForwardAsync).WithSummary("Forward a message: into all chats, or into none") // 5.3
            .WithMetadata(new BodyLimit(MaxForwardBody)).Limited(RateKind.Send, sparesRepeats: true)
            .Takes(bodies.Forward).Gives(201, () => MimuJson.Default.ForwardedBody).Gives(200, () => MimuJson.Default.ForwardedBody)
            .Refuses(Errors.NotFound, Errors.Blocked, new StaleMembership(0));
        messages.MapPost("/{message_id}/edit", EditAsync).WithSummary("Have a message say something else") // 5.4
            .Limited(RateKind.Send).Takes(bodies.Edit).Gives(200, () => MimuJson.Default.MessageBody)
            .Refuses(Errors.NotFound, Errors.NotSender, Errors.Blocked, Errors.EditWindowClosed);
        messages.MapDelete("/{message_id}", DeleteAsync).WithSummary("Erase a message for everybody") // 5.5
            .Gives(204).Refuses(Errors.NotFound, Errors.NotSender);
    }

    /// <summary>The path of nearly every request, so it takes no detours: the body is read in one pass and the answer written straight into the connection.</summary>
    private static RequestDelegate Sending(MessageBodies bodies, SendMessage send)
    {
        Func<ReadOnlySequence<byte>, Result<SendMessageCommand>> read = bodies.ReadSend;
        return async http =>
        {
            var tooOften = TooOften.Of(http);
            if (!(await JsonBody.ReadAsync(http, read)).Succeeded(out var command, out var fault))
            {
                await Problems.Of(tooOften ?? fault).ExecuteAsync(http);
                return;
            }
            // What was asked for whole is done, whether or not the client waits for it.
            var result = await SendUnlessTooOftenAsync(send, http.Caller(), command, tooOften, CancellationToken.None);
            if (!result.Succeeded(out var sent, out var refusal))
            {
                await Problems.Of(refusal).ExecuteAsync(http);
                return;
            }
            http.Response.StatusCode = Answers.StatusOf(sent.IsNew);
            await MessageText.WriteAsync(http.Response, sent.Message);
        };
    }

    /// <summary>Sends, or recognises a repeat, which no rate holds back (protocol 5.1).</summary>
    internal static ValueTask<Result<SentMessage>> SendUnlessTooOftenAsync(
        SendMessage send, Caller caller, SendMessageCommand command, Error? tooOften, CancellationToken cancellation) =>
        tooOften is null ? send.RunAsync(caller, command, cancellation) : FindRepeatAsync(send, caller, command, tooOften, cancellation);

    private static async ValueTask<Result<SentMessage>> FindRepeatAsync(
        SendMessage send, Caller caller, SendMessageCommand command, Error tooOften, CancellationToken cancellation) =>
        await send.FindRepeatAsync(caller, command, cancellation) is { } repeat ? repeat : tooOften;

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

    private static async Task<IResult> GetAsync(HttpContext http, string message_id, IDatabase database, TimeProvider clock)
    {
        var caller = http.Caller();
        return Ids.TryParse(message_id, out var id)
            && await database.ReadAsync(tx => VisibleMessage.FindAsync(tx, caller, new MessageId(id), clock.Now()), http.RequestAborted) is { Message: var message }
                ? Answers.Ok(MessageBody.From(message, caller.UserId), MimuJson.Default.MessageBody)
                : Problems.Of(Errors.NotFound);
    }

    private static Task<IResult> ForwardAsync(HttpContext http, string message_id, MessageBodies bodies, ForwardMessage forward, RateLimits limits) =>
        http.HandleAsync(message_id, (fields, id) => (Id: new MessageId(id), Targets: bodies.Forward(fields)), async (wanted, cancellation) =>
        {
            var caller = http.Caller();
            // One was taken at the door.
            if ((TooOften.Of(http) ?? limits.Take(RateKind.Send, RateKey.Of(caller.UserId), wanted.Targets.Count - 1)) is { } refusal)
            {
                return await forward.FindRepeatsAsync(caller, wanted.Targets, cancellation) is { } repeats ? repeats : refusal;
            }
            return await forward.RunAsync(caller, wanted.Id, wanted.Targets, cancellation);
        }, forwarded =>
        {
            var body = new ForwardedBody(forwarded.Messages.Select(message => MessageBody.From(message, forSender: true)).ToList());
            return forwarded.AnyNew ? Answers.Created(body, MimuJson.Default.ForwardedBody) : Answers.Ok(body, MimuJson.Default.ForwardedBody);
        });

    private static Task<IResult> EditAsync(HttpContext http, string message_id, MessageBodies bodies, EditMessage edit) =>
        http.HandleAsync(message_id, (fields, id) => (Id: new MessageId(id), Payload: bodies.Edit(fields)),
            (wanted, cancellation) => edit.RunAsync(http.Caller(), wanted.Id, wanted.Payload, cancellation),
            message => Answers.Ok(MessageBody.From(message, forSender: true), MimuJson.Default.MessageBody));

    private static async Task<IResult> DeleteAsync(HttpContext http, string message_id, DeleteMessage delete) =>
        Ids.TryParse(message_id, out var id)
            ? (await delete.RunAsync(http.Caller(), new MessageId(id), http.RequestAborted)).Then(_ => Answers.NoContent)
            : Problems.Of(Errors.NotFound);

    private static ListMessagesQuery Listing(Query query) => new(
        new ChatId(query.Id("chat_id")),
        query.OptionalId("before") is { } before ? new MessageId(before) : null,
        query.OptionalId("after") is { } after ? new MessageId(after) : null,
        query.Limit());
}

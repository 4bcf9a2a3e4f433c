using System.Text.Json;
using Mimu.Appliance.Auth;
using Mimu.Appliance.Http;
using Mimu.Appliance.Messages;
using Mimu.Core;
using Mimu.Core.Chats;
using Mimu.Core.Messages;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Gateway;

/// <summary>
/// What clients say over a socket (protocol section 7). A frame is begun before the next is read, so that messages keep their order, and not waited for,
/// so that many of one socket can share a commit.
/// </summary>
internal sealed partial class ClientFrames(
    MessageBodies bodies, SendMessage send, IndicateTyping type, SessionCheck sessions, RateLimits limits, ILogger<ClientFrames> log)
{
    private const int MaxId = 64;

    /// <summary>Begins what the frame asks for; the task sees it through and never fails. Null for a frame of no known type, which has been answered.</summary>
    public Task? Handle(Connection connection, JsonElement frame)
    {
        if (!TryReadId(frame, out var id))
        {
            connection.Send(ServerFrames.Refusal(id: null, Errors.MalformedRequest.Because($"`id` must be text of at most {MaxId} characters.")));
            return null;
        }
        switch (frame.TryGetProperty("type", out var type) ? JsonText.TextOf(type) : null)
        {
            case "SendMessage":
                return SeeThroughAsync(connection, id, SendAsync(connection, id, JsonText.Read(frame, bodies.Send)));
            case "Authenticate":
                return SeeThroughAsync(connection, id, AuthenticateAsync(connection, id, JsonText.Read(frame, fields => fields.Text("token", 1, int.MaxValue))));
            case "Typing":
                return SeeThroughAsync(connection, id, TypeAsync(connection, id, JsonText.Read(frame, fields => (Chat: new ChatId(fields.Id("chat_id")), Active: fields.Flag("active")))));
            case "Ping":
                connection.Send(ServerFrames.Pong(id));
                return Task.CompletedTask;
            default:
                connection.Send(ServerFrames.Refusal(id, Errors.MalformedRequest.Because("`type` must be the name of a frame that clients send.")));
                return null;
        }
    }

    private async Task SendAsync(Connection connection, string? id, Result<SendMessageCommand> frame)
    {
        var tooOften = limits.Take(RateKind.Send, RateKey.Of(connection.Caller.UserId));
        var result = frame.Succeeded(out var command, out var fault)
            ? await MessageEndpoints.SendUnlessTooOftenAsync(send, connection.Caller, command, tooOften, CancellationToken.None)
            : tooOften ?? fault;
        Answer(connection, id, result, static (id, sent) => ServerFrames.Ack(id, sent.Message));
    }

    private async Task TypeAsync(Connection connection, string? id, Result<(ChatId Chat, bool Active)> frame)
    {
        var result = frame.Succeeded(out var typing, out var fault) ? await type.RunAsync(connection.Caller, typing.Chat, typing.Active, CancellationToken.None) : fault;
        Answer(connection, id, result, static (id, _) => ServerFrames.Ack(id));
    }

    /// <summary>A fresh token of the same session takes the place of the one that is about to expire.</summary>
    private async Task AuthenticateAsync(Connection connection, string? id, Result<string> frame)
    {
        var result = frame.Succeeded(out var token, out var fault) ? await sessions.CheckAsync(token, CancellationToken.None) : fault;
        if (result.Succeeded(out var access, out _))
        {
            if (access.Caller == connection.Caller)
            {
                connection.Token = access;
            }
            else
            {
                result = Errors.Unauthorized.Because("The token is of another session.");
            }
        }
        Answer(connection, id, result, static (id, _) => ServerFrames.Ack(id));
    }

    /// <summary>Only a frame with an id is answered when all went well; a refusal is always told.</summary>
    private static void Answer<T>(Connection connection, string? id, Result<T> result, Func<string, T, byte[]> ack)
    {
        if (!result.Succeeded(out var value, out var refusal))
        {
            connection.Send(ServerFrames.Refusal(id, refusal));
        }
        else if (id is not null)
        {
            connection.Send(ack(id, value));
        }
    }

    /// <summary>Broken surroundings and bugs are told to the client like over HTTP, and the socket lives on.</summary>
    private async Task SeeThroughAsync(Connection connection, string? id, Task work)
    {
        try
        {
            await work;
        }
        catch (StorageFullException)
        {
            connection.Send(ServerFrames.Refusal(id, Errors.InsufficientStorage));
        }
        catch (Exception e) when (e is StorageUnavailableException or StorageBusyException)
        {
            connection.Send(ServerFrames.Refusal(id, Errors.Unavailable));
        }
        catch (Exception e)
        {
            LogBug(e);
            connection.Send(ServerFrames.Refusal(id, Errors.InternalError));
        }
    }

    private static bool TryReadId(JsonElement frame, out string? id)
    {
        id = null;
        if (!frame.TryGetProperty("id", out var value) || value.ValueKind is JsonValueKind.Null)
        {
            return true;
        }
        id = JsonText.TextOf(value);
        return id is not null && id.EnumerateRunes().Count() <= MaxId;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A frame failed in the server")]
    private partial void LogBug(Exception exception);
}

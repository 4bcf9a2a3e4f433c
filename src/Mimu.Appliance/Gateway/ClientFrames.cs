using System.Runtime.CompilerServices;
using System.Text.Json;
using Mimu.Appliance.Auth;
using Mimu.Appliance.Http;
using Mimu.Appliance.Messages;
using Mimu.Core;
using Mimu.Core.Messages;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Gateway;

/// <summary>
/// What clients say over a socket (protocol section 7). A frame is begun before the next is read, so that messages keep their order, and not waited for,
/// so that many of one socket can share a commit.
/// </summary>
internal sealed partial class ClientFrames(
    MessageBodies bodies, SendMessage send, SignalFrames signals, SessionCheck sessions, RateLimits limits, ILogger<ClientFrames> log)
{
    private readonly Func<Fields, SendMessageCommand> _send = bodies.Send;

    /// <summary>
    /// Begins what the frame asks for, and says <see cref="Connection.Done"/> when it has been answered. False for a frame of no known type, which is nothing more
    /// to do.
    /// </summary>
    public bool Begin(Connection connection, JsonElement frame)
    {
        if (!TryReadId(frame, out var id))
        {
            connection.Send(ServerFrames.Refusal(id: null, Errors.MalformedRequest.Because($"`id` must be text of at most {SendJson.MaxId} characters.")));
            return false;
        }
        switch (frame.TryGetProperty("type", out var type) ? JsonText.TextOf(type) : null)
        {
            case "SendMessage":
                BeginSend(connection, id, JsonText.Read(frame, _send));
                return true;
            case "Authenticate":
                See(connection, id, AuthenticateAsync(connection, JsonText.Read(frame, fields => fields.Text("token", 1, int.MaxValue))),
                    static (id, _) => ServerFrames.Ack(id));
                return true;
            case "Typing":
                See(connection, id, signals.TypeAsync(connection, frame), static (id, _) => ServerFrames.Ack(id));
                return true;
            case { } word when SignalFrames.CallWordOf(word) is { } said:
                See(connection, id, signals.CallAsync(connection, said, frame), static (id, isDelivered) => ServerFrames.Ack(id, isDelivered));
                return true;
            case "Ping":
                connection.Send(ServerFrames.Pong(id));
                connection.Done();
                return true;
            default:
                connection.Send(ServerFrames.Refusal(id, Errors.MalformedRequest.Because("`type` must be the name of a frame that clients send.")));
                return false;
        }
    }

    /// <summary>The same for the one frame that nearly all are, read in one pass if it is written plainly; false for what has to be looked at closely.</summary>
    public bool TryBeginSend(Connection connection, ReadOnlySpan<byte> frame)
    {
        if (!SendJson.TryReadFrame(frame, bodies.MaxPayload, out var id, out var command))
        {
            return false;
        }
        BeginSend(connection, id, command);
        return true;
    }

    private void BeginSend(Connection connection, string? id, Result<SendMessageCommand> frame) =>
        See(connection, id, SendAsync(connection, frame), static (id, sent) => ServerFrames.Ack(id, sent.Message));

    private ValueTask<Result<SentMessage>> SendAsync(Connection connection, Result<SendMessageCommand> frame)
    {
        var tooOften = limits.Take(RateKind.Send, RateKey.Of(connection.Caller.UserId));
        return frame.Succeeded(out var command, out var fault)
            ? MessageEndpoints.SendUnlessTooOftenAsync(send, connection.Caller, command, tooOften, CancellationToken.None)
            : new(tooOften ?? fault);
    }

    /// <summary>A fresh token of the same session takes the place of the one that is about to expire.</summary>
    private async ValueTask<Result<AccessToken>> AuthenticateAsync(Connection connection, Result<string> frame)
    {
        var result = frame.Succeeded(out var token, out var fault) ? await sessions.CheckAsync(token, CancellationToken.None) : fault;
        if (result.Succeeded(out var access, out _))
        {
            if (access.Caller != connection.Caller)
            {
                return Errors.Unauthorized.Because("The token is of another session.");
            }
            connection.Token = access;
        }
        return result;
    }

    private void See<T>(Connection connection, string? id, ValueTask<Result<T>> work, Func<string, T, ServerFrame> ack) =>
        new Answer<T>(this, connection, id, work, ack).Begin();

    /// <summary>
    /// Answers a frame when its work is done. Only one with an id is answered when all went well; a refusal is always told. Broken surroundings and bugs are told
    /// to the client like over HTTP, and the socket lives on. By hand and not as an async method, which would be a Task a message.
    /// </summary>
    private sealed class Answer<T>(ClientFrames frames, Connection connection, string? id, ValueTask<Result<T>> work, Func<string, T, ServerFrame> ack)
    {
        // Asked for its result once, as a ValueTask must be.
        private readonly ValueTaskAwaiter<Result<T>> _awaiter = work.GetAwaiter();

        public void Begin()
        {
            if (_awaiter.IsCompleted)
            {
                Give();
            }
            else
            {
                _awaiter.UnsafeOnCompleted(Give);
            }
        }

        private void Give()
        {
            if (Read() is { } frame)
            {
                connection.Send(frame);
            }
            connection.Done();
        }

        private ServerFrame? Read()
        {
            try
            {
                return !_awaiter.GetResult().Succeeded(out var value, out var refusal) ? ServerFrames.Refusal(id, refusal)
                    : id is not null ? ack(id, value)
                    : null;
            }
            catch (StorageFullException)
            {
                return ServerFrames.Refusal(id, Errors.InsufficientStorage);
            }
            catch (Exception e) when (e is StorageUnavailableException or StorageBusyException)
            {
                return ServerFrames.Refusal(id, Errors.Unavailable);
            }
            catch (Exception e)
            {
                frames.LogBug(e);
                return ServerFrames.Refusal(id, Errors.InternalError);
            }
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
        return id is not null && id.EnumerateRunes().Count() <= SendJson.MaxId;
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A frame failed in the server")]
    private partial void LogBug(Exception exception);
}

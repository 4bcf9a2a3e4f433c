using System.Text.Json;
using Mimu.Appliance.Http;
using Mimu.Core;
using Mimu.Core.Calls;
using Mimu.Core.Chats;

namespace Mimu.Appliance.Gateway;

/// <summary>What clients say to others who are online, and what is kept nowhere: that they write (protocol section 7), and all about calls (section 9).</summary>
internal sealed class SignalFrames(IndicateTyping type, SignalCall call, RateLimits limits)
{
    /// <summary>What a client may say of a call; null for a word that is none.</summary>
    public static CallWord? CallWordOf(string type) => type switch
    {
        "CallOffer" => CallWord.CallOffer,
        "CallRinging" => CallWord.CallRinging,
        "CallAnswer" => CallWord.CallAnswer,
        "IceCandidate" => CallWord.IceCandidate,
        "CallDecline" => CallWord.CallDecline,
        "CallBusy" => CallWord.CallBusy,
        "CallHangup" => CallWord.CallHangup,
        _ => null,
    };

    public ValueTask<Result<int>> TypeAsync(Connection connection, JsonElement frame) =>
        JsonText.Read(frame, static fields => (Chat: new ChatId(fields.Id("chat_id")), Active: fields.Flag("active"))).Succeeded(out var typing, out var fault)
            ? type.RunAsync(connection.Caller, typing.Chat, typing.Active, CancellationToken.None)
            : new(fault);

    /// <summary>Whether the other end is told now.</summary>
    public ValueTask<Result<bool>> CallAsync(Connection connection, CallWord word, JsonElement frame)
    {
        var tooOften = word is CallWord.CallOffer ? limits.Take(RateKind.CallOffer, RateKey.Of(connection.Caller.UserId)) : null;
        return JsonText.Read(frame, fields => Parse(word, fields)).Succeeded(out var said, out var fault) && tooOften is null ? InOrderAsync(connection, said) : new(tooOften ?? fault!);
    }

    /// <summary>One after the other, as the socket said them: a candidate must not overtake its offer, nor must an end.</summary>
    private async ValueTask<Result<bool>> InOrderAsync(Connection connection, CallFrame said)
    {
        var (before, done) = (connection.LastCallFrame, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        connection.LastCallFrame = done.Task;
        try
        {
            await before;
            return await call.RunAsync(connection.Caller, said, CancellationToken.None);
        }
        finally
        {
            done.SetResult();
        }
    }

    private static CallFrame Parse(CallWord word, Fields fields) => new(
        word, new UserId(fields.Id("to")), (int?)fields.OptionalInteger("to_device_id", 1, 127), fields.Id("call_id"), fields.OptionalJson("payload", CallSettings.MaxPayload));
}

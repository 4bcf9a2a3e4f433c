using System.Text.Json.Nodes;

namespace Mimu.Appliance.Tests.Model;

/// <summary>Operations of protocol section 5 that change something.</summary>
internal sealed partial class Player
{
    private async Task SendAsync()
    {
        if (PickChat() is not { } chat)
        {
            return;
        }
        var letter = WriteTo(chat);
        Note($"sends to c{chat.Number}");
        var (earlier, refusal) = (World.Earlier(User, letter), World.RefuseSending(User, letter));
        JsonObject sent;
        if (_client.Socket is not null && _dice.Chance(40))
        {
            Note("by socket");
            var frame = letter.Body();
            frame["type"] = "SendMessage";
            var answer = await _client.AskAsync(frame);
            if (earlier is null && refusal is not null)
            {
                Assert.True((string?)answer["type"] == "Error" && (string?)answer["data"]!["code"] == refusal.Code, $"Expected {refusal.Code}, was answered with {answer.ToJsonString()}");
                Assert.Equal(refusal.MembershipVersion, (int?)answer["data"]!["membership_version"]);
                return;
            }
            Assert.True((string?)answer["type"] == "Ack", $"Expected an Ack, was answered with {answer.ToJsonString()}");
            sent = answer["data"]!.AsObject();
        }
        else
        {
            var answer = await _client.Http.PostAsync("/api/v1/messages", letter.Body());
            if (earlier is null && Refused(refusal, answer))
            {
                return;
            }
            sent = answer.Expect(earlier is null ? 201 : 200);
        }
        if (earlier is not null)
        {
            Note($"again what was {Called(earlier)}");
            Same(_world.AnswerToRepeat(earlier), sent);
            return;
        }
        var message = Sent(_client, letter, sent);
        Note($"as {Called(message)}");
    }

    private Task SendManyAsync() => PickChat() is { } chat && chat.PlaceOf(User) is not null ? SendManyAsync(chat, except: null) : Task.CompletedTask;

    /// <summary>Several people send at once; the order that they got is asked for afterwards.</summary>
    private async Task SendManyAsync(Chat chat, Client? except)
    {
        var senders = _clients.Where(client => client != except && chat.PlaceOf(client.User) is not null && !World.TakesNothingFrom(chat, client.User) && _dice.Chance(60))
            .Select(client => (Client: client, Letter: new Letter(chat, _dice.Bytes(24), "text", null, null, null, null))).ToList();
        Note($"while {senders.Count} send to c{chat.Number} at once");
        var answers = await Task.WhenAll(senders.Select(sender => sender.Client.Http.PostAsync("/api/v1/messages", sender.Letter.Body())));
        var sent = answers.Select((answer, i) => (senders[i].Client, senders[i].Letter, Answer: answer.Expect(201))).ToDictionary(entry => (string)entry.Answer["message_id"]!);
        var newest = (await _client.Http.GetAsync($"/api/v1/messages?chat_id={chat.Id}&limit={Math.Max(1, sent.Count)}")).Expect(200)["messages"]!.AsArray();
        foreach (var message in newest.Reverse().Take(sent.Count))
        {
            Assert.True(sent.Remove((string)message!["message_id"]!, out var entry), $"Not one of those just sent: {message.ToJsonString()}");
            Sent(entry.Client, entry.Letter, entry.Answer);
        }
        Assert.Empty(sent);
    }

    private async Task ForwardAsync()
    {
        if (PickMessage() is not { } original)
        {
            return;
        }
        var letters = new List<Letter>();
        for (var count = _dice.Between(1, 5); count > 0 && PickChat() is { } chat; count--)
        {
            letters.Add(WriteTo(chat) with { Type = original.Type, ReplyTo = null, ExpiresIn = null });
        }
        if (letters.Count == 0)
        {
            return;
        }
        Note($"forwards {Called(original)} to {string.Join(", ", letters.Select(letter => $"c{letter.Chat.Number}"))}");
        var body = new JsonObject { ["targets"] = new JsonArray([.. letters.Select(letter => letter.Body(isTarget: true))]) };
        var answer = await _client.Http.PostAsync($"/api/v1/messages/{original.Id}/forward", body);
        var ownIds = letters.Select(letter => letter.OwnId).OfType<string>().ToList();
        var refusal = ownIds.Distinct().Count() < ownIds.Count ? Refusal.Invalid
            : letters.Where(letter => World.Earlier(User, letter) is null)
                .Select(letter => _world.Visible(User, original) is null ? Refusal.NotFound : World.RefuseSending(User, letter)).FirstOrDefault(refused => refused is not null);
        if (Refused(refusal, answer))
        {
            return;
        }
        var isNew = letters.Exists(letter => World.Earlier(User, letter) is null);
        var messages = answer.Expect(isNew ? 201 : 200)["messages"]!.AsArray();
        Assert.Equal(letters.Count, messages.Count);
        foreach (var (letter, message) in letters.Zip(messages))
        {
            if (World.Earlier(User, letter) is { } earlier)
            {
                Same(_world.AnswerToRepeat(earlier), message);
            }
            else
            {
                Sent(_client, letter, message!.AsObject(), original.Id);
            }
        }
    }

    private async Task EditAsync()
    {
        var message = PickOwnMessage();
        var (id, payload) = (message?.Id ?? _dice.Id(), _dice.Bytes(24));
        Note($"edits {Called(message)}");
        var answer = await _client.Http.PostAsync($"/api/v1/messages/{id}/edit", new JsonObject { ["encrypted_payload"] = payload });
        if (!Refused(_world.RefuseEditing(User, message), answer))
        {
            _world.Edit(message!, payload);
            Same(Shapes.Of(message!, User), answer.Expect(200));
        }
    }

    private async Task DeleteAsync()
    {
        var message = PickOwnMessage();
        Note($"deletes {Called(message)}");
        // Whether an expired one is erased already, and its deleting thus changes nothing, nobody but the server knows.
        var hasExpired = message is { IsTombstone: false } && message.IsGone(_world.Now);
        var before = hasExpired ? (string)(await _client.Http.GetAsync("/api/v1/sync")).Expect(200)["cursor"]! : "";
        var answer = await _client.Http.DeleteAsync($"/api/v1/messages/{message?.Id ?? _dice.Id()}");
        if (Refused(_world.RefuseDeleting(User, message), answer))
        {
            return;
        }
        answer.ExpectNothing();
        if (hasExpired && (await _client.Http.GetAsync($"/api/v1/sync?since={Uri.EscapeDataString(before)}")).Expect(200)["events"]!.AsArray().Count == 0)
        {
            Note("which is erased already");
            message!.IsTombstone = true;
        }
        if (!message!.IsTombstone)
        {
            _world.Delete(message);
        }
    }

    private Letter WriteTo(Chat chat)
    {
        var sent = _dice.Chance(30) && User.Sent.Count > 0 ? User.Sent.Keys.Skip(Math.Max(0, User.Sent.Count - 20)).ToList() : null;
        // Also what somebody else called one of theirs, which is no repeat.
        var stranger = _dice.Pick(_world.Users).Sent.Keys.LastOrDefault();
        var ownId = _dice.Below(20) switch { < 10 => null, < 12 when sent is not null => _dice.Pick(sent), < 14 when stranger is not null => stranger, _ => _dice.Id() };
        return new Letter(chat, _dice.Bytes(24), _dice.Pick(["text", "image", "sender_key"]),
            _dice.Chance(15) ? (_dice.Chance(80) ? PickMessage(chat)?.Id : PickMessage()?.Id ?? _dice.Id()) : null,
            ownId,
            _dice.Below(10) switch { < 4 => chat.Version, 4 when _dice.Chance(50) => Math.Max(0, chat.Version - 1), _ => null },
            _dice.Chance(12) ? _dice.Between(1, 300) : null);
    }

    private Message Sent(Client client, Letter letter, JsonObject answer, string? forwardedFrom = null)
    {
        var message = _world.Send((string)answer["message_id"]!, client.User, client.DeviceId, client.Session, letter, forwardedFrom);
        Same(Shapes.Of(message, client.User), answer);
        return message;
    }

    /// <summary>Mostly one of the last in the chat.</summary>
    private Message? PickMessage(Chat chat) =>
        chat.Messages.Count == 0 ? null : chat.Messages[^(1 + _dice.Below(_dice.Chance(70) ? Math.Min(10, chat.Messages.Count) : chat.Messages.Count))];

    private Message? PickMessage() => PickChat() is { } chat ? PickMessage(chat) : null;

    /// <summary>Mostly the user's own; sometimes somebody else's, or none at all.</summary>
    private Message? PickOwnMessage()
    {
        if (_dice.Chance(2))
        {
            return null;
        }
        var message = PickMessage();
        return message is not null && message.Sender != User && _dice.Chance(70) ? message.Chat.Messages.LastOrDefault(other => other.Sender == User) ?? message : message;
    }

    private static string Called(Message? message) => message is null ? "no message" : $"c{message.Chat.Number}/{message.Index}";
}

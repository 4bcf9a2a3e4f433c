using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Model;

/// <summary>Operations of protocol section 4.</summary>
internal sealed partial class Player
{
    private async Task CreateChatAsync()
    {
        var named = Enumerable.Range(0, _dice.Chance(40) ? 1 : _dice.Between(0, 6)).Select(_ => _dice.Chance(1) ? null : _dice.Pick(_world.Users)).ToList();
        var type = _dice.Below(4) switch { 0 => "direct", 1 => "group", _ => null };
        var (metadata, ttl) = (_dice.Chance(30) ? _dice.Bytes(20) : null, _dice.Chance(15) ? (int?)_dice.Between(1, 600) : null);
        var body = new JsonObject { ["participant_ids"] = new JsonArray([.. named.Select(user => JsonValue.Create(user?.Id ?? _dice.Id()))]) };
        (body["type"], body["encrypted_metadata"], body["message_ttl"]) = (type, metadata, ttl);
        Note($"opens a {type ?? "chat"} with {string.Join(", ", named.Select(user => user is null ? "nobody" : $"u{user.Number}"))}");
        var answer = await _client.Http.PostAsync("/api/v1/chats", body);
        if (Refused(World.RefuseCreating(User, named, type), answer))
        {
            return;
        }
        if (World.IsDirect(User, named, type) && _world.FindDirect(User, named.First(user => user != User)!) is { } known)
        {
            Same(Shapes.Of(known, User, _world.Now), answer.Expect(200));
            return;
        }
        var created = answer.Expect(201);
        var chat = _world.Create((string)created["chat_id"]!, User, named, type, metadata, ttl);
        Note($"as c{chat.Number}");
        Same(Shapes.Of(chat, User, _world.Now), created);
    }

    private async Task AddAsync()
    {
        if (PickChat(groups: true) is not { } chat)
        {
            return;
        }
        var newcomer = _dice.Chance(2) ? null : _dice.Pick(_world.Users);
        Note($"takes u{newcomer?.Number} into c{chat.Number}");
        var answer = await _client.Http.PostAsync($"/api/v1/chats/{chat.Id}/participants", new JsonObject { ["user_id"] = newcomer?.Id ?? _dice.Id() });
        if (Refused(World.RefuseAdding(User, chat, newcomer), answer))
        {
            return;
        }
        var isNew = chat.PlaceOf(newcomer!) is null;
        Same(Shapes.Of(chat.PlaceOf(newcomer!) ?? _world.Add(User, chat, newcomer!)), answer.Expect(isNew ? 201 : 200));
    }

    private async Task RemoveAsync()
    {
        if (PickChat(groups: true) is not { } chat)
        {
            return;
        }
        var leaver = _dice.Chance(45) ? User : PickUser(chat);
        Note($"has u{leaver?.Number} leave c{chat.Number}");
        var answer = await _client.Http.DeleteAsync($"/api/v1/chats/{chat.Id}/participants/{leaver?.Id ?? _dice.Id()}");
        if (!Refused(World.RefuseRemoving(User, chat, leaver), answer))
        {
            answer.ExpectNothing();
            _world.Remove(User, chat, leaver!);
        }
    }

    private async Task ChangeRoleAsync()
    {
        if (PickChat(groups: true) is not { } chat)
        {
            return;
        }
        var (other, role) = (PickUser(chat), _dice.Chance(60) ? "admin" : "member");
        Note($"makes u{other?.Number} {role} of c{chat.Number}");
        var answer = await _client.Http.PatchAsync($"/api/v1/chats/{chat.Id}/participants/{other?.Id ?? _dice.Id()}", new JsonObject { ["role"] = role });
        if (!Refused(World.RefuseRole(User, chat, other, role), answer))
        {
            _world.SetRole(User, chat, other!, role);
            Same(Shapes.Of(chat.PlaceOf(other!)!), answer.Expect(200));
        }
    }

    private async Task ChangeChatAsync()
    {
        if (PickChat() is not { } chat)
        {
            return;
        }
        Note($"changes c{chat.Number}");
        var body = new JsonObject();
        var (metadata, ttl) = (chat.Metadata, chat.Ttl);
        if (_dice.Chance(50))
        {
            body["encrypted_metadata"] = metadata = _dice.Chance(30) ? null : _dice.Chance(30) ? metadata : _dice.Bytes(20);
        }
        if (_dice.Chance(50))
        {
            body["message_ttl"] = ttl = _dice.Chance(60) ? null : _dice.Between(1, 600);
        }
        var answer = await _client.Http.PatchAsync($"/api/v1/chats/{chat.Id}", body);
        if (!Refused(World.RefuseChanging(User, chat), answer))
        {
            _world.Change(chat, metadata, ttl);
            Same(Shapes.Of(chat, User, _world.Now), answer.Expect(200));
        }
    }

    private async Task ReadAsync()
    {
        if (PickChat() is not { } chat || (_dice.Chance(4) ? PickMessage() : PickMessage(chat)) is not { } message)
        {
            return;
        }
        var isPrivate = _dice.Chance(25);
        Note($"has read {Called(message)} in c{chat.Number}{(isPrivate ? " privately" : "")}");
        var body = new JsonObject { ["message_id"] = message.Id };
        if (isPrivate || _dice.Chance(50))
        {
            body["private"] = isPrivate;
        }
        var answer = await _client.Http.PutAsync($"/api/v1/chats/{chat.Id}/read-marker", body);
        if (!Refused(World.RefuseReading(User, chat, message), answer))
        {
            answer.ExpectNothing();
            _world.Read(User, message, isPrivate);
        }
    }

    private async Task BlockAsync()
    {
        var other = _dice.Pick(_world.Users);
        // Not for long, or nobody talks to anybody any more.
        var blocks = other != User && _dice.Chance(35);
        if (other == User)
        {
            return;
        }
        Note($"{(blocks ? "blocks" : "unblocks")} u{other.Number}");
        var path = $"/users/me/blocks/{other.PublicId}";
        (blocks ? await _client.Http.PutAsync(path) : await _client.Http.DeleteAsync(path)).ExpectNothing();
        _ = blocks ? User.Blocked.Add(other) : User.Blocked.Remove(other);
    }

    private async Task TypeAsync()
    {
        if (_client.Socket is null || PickChat() is not { } chat)
        {
            return;
        }
        var active = _dice.Chance(50);
        Note($"types in c{chat.Number}");
        var answer = await _client.AskAsync(new JsonObject { ["type"] = "Typing", ["chat_id"] = chat.Id, ["active"] = active });
        var refusal = chat.PlaceOf(User) is null ? Refusal.NotFound : World.TakesNothingFrom(chat, User) ? Refusal.Blocked : null;
        if (refusal is null)
        {
            Assert.Equal("Ack", (string?)answer["type"]);
            _world.Type(User, chat, active);
        }
        else
        {
            Assert.Equal(("Error", refusal.Code), ((string?)answer["type"], (string?)answer["data"]?["code"]));
        }
    }

    /// <summary>Mostly one of the user's, one of the last to be active; sometimes any, also one that is no more.</summary>
    private Chat? PickChat(bool groups = false)
    {
        if (_dice.Chance(5) && _world.Chats.Count > 0)
        {
            return _dice.Pick(_world.Chats);
        }
        var own = _world.ChatsOf(User);
        if (groups && _dice.Chance(95))
        {
            own.RemoveAll(chat => chat.IsDirect);
        }
        return own.Count == 0 ? null : own[_dice.Below(_dice.Chance(70) ? Math.Min(own.Count, 5) : own.Count)];
    }

    /// <summary>Mostly a participant; sometimes anybody, or nobody.</summary>
    private User? PickUser(Chat chat) =>
        _dice.Chance(2) ? null : chat.IsGone || _dice.Chance(10) ? _dice.Pick(_world.Users) : _dice.Pick(chat.Places).User;

    private static void Same(JsonNode expected, JsonNode? actual)
    {
        if (!JsonNode.DeepEquals(expected, actual))
        {
            Assert.Fail($"The answer should be\n  {expected.ToJsonString()}, but was\n  {actual?.ToJsonString()}");
        }
    }

    /// <summary>Whether the operation is one to be refused, which it must have been then.</summary>
    private bool Refused(Refusal? refusal, Answer answer)
    {
        if (refusal is null)
        {
            return false;
        }
        Note($"({refusal.Code})");
        var problem = answer.ExpectProblem(refusal.Status, refusal.Code);
        Assert.Equal(refusal.MembershipVersion, (int?)problem["membership_version"]);
        return true;
    }
}

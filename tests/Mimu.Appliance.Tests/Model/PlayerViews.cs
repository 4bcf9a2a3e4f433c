using System.Text.Json.Nodes;

namespace Mimu.Appliance.Tests.Model;

/// <summary>Operations that only look.</summary>
internal sealed partial class Player
{
    private async Task ListMessagesAsync()
    {
        if (PickChat() is not { } chat)
        {
            return;
        }
        var (limit, bound) = (_dice.Between(1, 12), _dice.Chance(70) ? (_dice.Chance(5) ? PickMessage() : PickMessage(chat)) : null);
        var isAfter = _dice.Chance(40);
        Note($"lists {limit} of c{chat.Number}{(bound is null ? "" : $" {(isAfter ? "after" : "before")} {Called(bound)}")}");
        var answer = await _client.Http.GetAsync($"/api/v1/messages?chat_id={chat.Id}&limit={limit}{(bound is null ? "" : $"&{(isAfter ? "after" : "before")}={bound.Id}")}");
        if (!Refused(chat.PlaceOf(User) is null ? Refusal.NotFound : bound is not null && bound.Chat != chat ? Refusal.Invalid : null, answer))
        {
            Same(MessagesOf(chat, bound, isAfter && bound is not null, limit), answer.Expect(200));
        }
    }

    private async Task GetMessageAsync()
    {
        var message = PickMessage();
        Note($"looks at {Called(message)}");
        var answer = await _client.Http.GetAsync($"/api/v1/messages/{message?.Id ?? _dice.Id()}");
        if (!Refused(_world.Visible(User, message) is null ? Refusal.NotFound : null, answer))
        {
            Same(Shapes.Of(message!, User), answer.Expect(200));
        }
    }

    private async Task GetChatAsync()
    {
        if (PickChat() is not { } chat)
        {
            return;
        }
        Note($"looks at c{chat.Number}");
        var answer = await _client.Http.GetAsync($"/api/v1/chats/{chat.Id}");
        if (!Refused(chat.PlaceOf(User) is null ? Refusal.NotFound : null, answer))
        {
            Same(Shapes.Of(chat, User, _world.Now), answer.Expect(200));
        }
    }

    /// <summary>Goes on with the list that this device began, whatever happened meanwhile, or begins one.</summary>
    private async Task ListChatsAsync()
    {
        var limit = _dice.Between(1, 6);
        var order = _client.Paging?.Due ?? [.. _world.ChatsOf(User).Select(chat => (Chat: chat, Place: chat.PlaceOf(User)!))];
        Note($"lists {limit} chats {(_client.Paging is null ? "from the top" : "further")}");
        // Who went and came back came into the chat after the list began.
        var due = order.Where(entry => entry.Chat.PlaceOf(User) == entry.Place).ToList();
        var page = (await _client.Http.GetAsync($"/api/v1/chats?limit={limit}{(_client.Paging is { } paging ? $"&before={Uri.EscapeDataString(paging.Next)}" : "")}")).Expect(200);
        var next = (string?)page["next"];
        Same(new JsonArray([.. due.Take(limit).Select(entry => Shapes.Of(entry.Chat, User, _world.Now))]), page["chats"]);
        Assert.Equal(due.Count > limit, next is not null);
        _client.Paging = next is null ? null : (due.Skip(limit).ToList(), next);
    }

    private Task SyncAsync()
    {
        if (_client.Socket is not null)
        {
            return ReadSocketAsync();
        }
        var limit = _dice.Chance(10) ? 100 : _dice.Between(1, 30);
        Note($"syncs {limit}");
        return _client.SyncAsync(limit);
    }

    private Task ReadSocketAsync()
    {
        Note("reads its socket");
        return _client.ReadSocketAsync();
    }

    private Task OpenSocketAsync()
    {
        if (_dice.Chance(40) && PickChat() is { } chat && chat.PlaceOf(User) is not null)
        {
            Note("opens a socket");
            return _client.OpenAsync(goesOn: true, async () =>
            {
                // Its own messages it might get by replay or not at all.
                await SendManyAsync(chat, except: _client);
                Tell();
            });
        }
        var goesOn = _dice.Chance(90);
        Note(goesOn ? "opens a socket" : "opens a socket afresh");
        return _client.OpenAsync(goesOn);
    }

    private async Task LoseSocketAsync()
    {
        Note("loses its socket");
        if (_dice.Chance(50))
        {
            await _client.ReadSocketAsync();
        }
        if (_client.Socket is { } socket && _dice.Chance(50))
        {
            await socket.CloseAsync();
        }
        await _client.DropAsync();
    }

    /// <summary>All that a user can see.</summary>
    private async Task CompareAllAsync()
    {
        Journal[^1] = $"the end: what {_client.Name} sees";
        var chats = _world.ChatsOf(User);
        var listed = new List<JsonNode?>();
        for (string? next = ""; next is not null;)
        {
            var page = (await _client.Http.GetAsync($"/api/v1/chats?limit=100{(next.Length > 0 ? $"&before={Uri.EscapeDataString(next)}" : "")}")).Expect(200);
            listed.AddRange(page["chats"]!.AsArray());
            next = (string?)page["next"];
        }
        Assert.Equal(chats.Count, listed.Count);
        foreach (var (chat, shape) in chats.Zip(listed))
        {
            Same(Shapes.Of(chat, User, _world.Now), shape);
            for (Message? bound = null; ;)
            {
                var due = MessagesOf(chat, bound, oldestFirst: false, 100);
                Same(due, (await _client.Http.GetAsync($"/api/v1/messages?chat_id={chat.Id}&limit=100{(bound is null ? "" : $"&before={bound.Id}")}")).Expect(200));
                if (!(bool)due["has_more"]!)
                {
                    break;
                }
                var oldest = (string)due["messages"]!.AsArray()[^1]!["message_id"]!;
                bound = chat.Messages.Find(message => message.Id == oldest);
            }
        }
    }

    private JsonObject MessagesOf(Chat chat, Message? bound, bool oldestFirst, int limit)
    {
        var visible = _world.VisibleIn(chat, User).Where(message => bound is null || (oldestFirst ? message.Index > bound.Index : message.Index < bound.Index));
        var due = (oldestFirst ? visible : visible.Reverse()).Take(limit + 1).ToList();
        return new JsonObject
        {
            ["messages"] = new JsonArray([.. due.Take(limit).Select(message => Shapes.Of(message, User))]),
            ["has_more"] = due.Count > limit,
        };
    }
}

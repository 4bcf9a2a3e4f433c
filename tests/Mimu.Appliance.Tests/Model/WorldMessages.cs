using System.Text.Json.Nodes;

namespace Mimu.Appliance.Tests.Model;

/// <summary>A message that somebody wants to send, or one target of a forwarding.</summary>
internal sealed record Letter(Chat Chat, string Payload, string Type, string? ReplyTo, string? OwnId, int? MembershipVersion, int? ExpiresIn)
{
    public JsonObject Body(bool isTarget = false)
    {
        var body = new JsonObject { ["chat_id"] = Chat.Id, ["encrypted_payload"] = Payload };
        foreach (var (name, value) in new (string, JsonNode?)[]
        {
            ("message_type", isTarget ? null : Type), ("reply_to", ReplyTo), ("client_message_id", OwnId), ("membership_version", MembershipVersion), ("expires_in", ExpiresIn),
        })
        {
            if (value is not null)
            {
                body[name] = value;
            }
        }
        return body;
    }
}

/// <summary>Protocol section 5.</summary>
internal sealed partial class World
{
    /// <summary>What a repeat is answered with; null when it is none.</summary>
    public static Message? Earlier(User user, Letter letter) => letter.OwnId is { } own ? user.Sent.GetValueOrDefault(own) : null;

    public JsonObject AnswerToRepeat(Message message)
    {
        var shape = Shapes.Of(message, message.Sender);
        if (message.IsGone(Now))
        {
            shape["encrypted_payload"] = "";
        }
        return shape;
    }

    public static Refusal? RefuseSending(User user, Letter letter) =>
        letter.Chat.PlaceOf(user) is not { } place ? Refusal.NotFound
        : TakesNothingFrom(letter.Chat, user) ? Refusal.Blocked
        : letter.MembershipVersion is { } version && version != letter.Chat.Version ? new Refusal(409, "stale_membership", letter.Chat.Version)
        : letter.ReplyTo is { } to && !letter.Chat.Messages.Exists(message => message.Id == to && place.Sees(message)) ? Refusal.Invalid
        : null;

    public Message Send(string id, User user, int deviceId, string session, Letter letter, string? forwardedFrom = null)
    {
        var chat = letter.Chat;
        var life = letter.ExpiresIn is { } own && chat.Ttl is { } ttl ? Math.Min(own, ttl) : letter.ExpiresIn ?? chat.Ttl;
        var message = new Message
        {
            Id = id,
            Chat = chat,
            Index = chat.Messages.Count,
            Sender = user,
            DeviceId = deviceId,
            Type = letter.Type,
            Payload = letter.Payload,
            ReplyTo = letter.ReplyTo,
            ForwardedFrom = forwardedFrom,
            CreatedAt = Now,
            ExpiresAt = life is { } seconds ? Now.AddSeconds(seconds) : null,
            OwnId = letter.OwnId,
        };
        chat.Messages.Add(message);
        if (letter.OwnId is { } ownId)
        {
            user.Sent[ownId] = message;
        }
        Touch(chat);
        foreach (var place in chat.Places)
        {
            Tell(place.User, new Happening("NewMessage", Data: null, message, place), session);
        }
        return message;
    }

    /// <summary>Null for one that the user may not know of, or that is gone.</summary>
    public Message? Visible(User user, Message? message) => message is not null && Sees(user, message) && !message.IsGone(Now) ? message : null;

    public IEnumerable<Message> VisibleIn(Chat chat, User user) => chat.Messages.Where(message => Visible(user, message) is not null);

    public Refusal? RefuseEditing(User user, Message? message) =>
        Visible(user, message) is not { } visible ? Refusal.NotFound
        : visible.Sender != user ? Refusal.NotSender
        : TakesNothingFrom(visible.Chat, user) ? Refusal.Blocked
        : Now - visible.CreatedAt >= _editWindow ? Refusal.EditWindowClosed
        : null;

    public void Edit(Message message, string payload)
    {
        (message.Payload, message.EditedAt, message.EditedMoment) = (payload, Now, ++_moment);
        foreach (var place in message.Chat.Places.Where(place => place.Sees(message)))
        {
            Tell(place.User, new Happening("MessageEdited", Data: null, message, place), origin: null);
        }
    }

    public Refusal? RefuseDeleting(User user, Message? message) =>
        message is null || !Sees(user, message) ? Refusal.NotFound
        : message.Sender == user || (!message.Chat.IsDirect && message.Chat.PlaceOf(user)!.Role == "admin") ? null
        : message.IsGone(Now) ? Refusal.NotFound
        : Refusal.NotSender;

    public void Delete(Message message)
    {
        message.IsTombstone = true;
        TellAll(message.Chat, "MessageDeleted", new JsonObject { ["chat_id"] = message.Chat.Id, ["message_id"] = message.Id });
    }

    private static bool Sees(User user, Message message) => message.Chat.PlaceOf(user)?.Sees(message) ?? false;
}

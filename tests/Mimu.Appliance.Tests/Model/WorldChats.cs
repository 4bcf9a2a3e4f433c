using System.Text.Json.Nodes;

namespace Mimu.Appliance.Tests.Model;

/// <summary>Protocol section 4.</summary>
internal sealed partial class World
{
    /// <param name="user">Who opens it.</param>
    /// <param name="named">Whom they name; null for an id that no account has.</param>
    /// <param name="type">As it is given.</param>
    public static Refusal? RefuseCreating(User user, IReadOnlyList<User?> named, string? type)
    {
        var others = Others(user, named);
        return (type == "direct" && others.Count != 1) || named.Contains(null) || others.Exists(other => other.Blocked.Contains(user)) ? Refusal.Invalid : null;
    }

    public static bool IsDirect(User user, IReadOnlyList<User?> named, string? type) => type is null ? Others(user, named).Count == 1 : type == "direct";

    public Chat? FindDirect(User user, User other) => Chats.Find(chat => chat.IsDirect && chat.PlaceOf(user) is not null && chat.PlaceOf(other) is not null);

    public Chat Create(string id, User user, IReadOnlyList<User?> named, string? type, string? metadata, int? ttl)
    {
        var chat = new Chat
        {
            Id = id,
            Number = Chats.Count,
            IsDirect = IsDirect(user, named, type),
            CreatedBy = user,
            CreatedAt = Now,
            Metadata = metadata,
            Ttl = ttl,
        };
        Chats.Add(chat);
        Touch(chat);
        chat.Places.Add(new Place(user, Now, 0, _moment) { Role = chat.IsDirect ? "member" : "admin" });
        chat.Places.AddRange(Others(user, named).OrderBy(other => other.Number).Select(other => new Place(other, Now, 0, _moment)));
        TellAll(chat, "ChatCreated", Shapes.Of(chat));
        return chat;
    }

    /// <summary>The user's chats, the last to be active first.</summary>
    public List<Chat> ChatsOf(User user) => [.. Chats.Where(chat => chat.PlaceOf(user) is not null).OrderByDescending(chat => chat.Activity)];

    public static Refusal? RefuseChanging(User user, Chat chat) =>
        chat.PlaceOf(user) is not { } place ? Refusal.NotFound
        : !chat.IsDirect && place.Role != "admin" ? Refusal.NotAdmin
        : TakesNothingFrom(chat, user) ? Refusal.Blocked
        : null;

    public void Change(Chat chat, string? metadata, int? ttl)
    {
        if (chat.Metadata == metadata && chat.Ttl == ttl)
        {
            return;
        }
        (chat.Metadata, chat.Ttl) = (metadata, ttl);
        Touch(chat);
        TellAll(chat, "ChatUpdated", Shapes.Of(chat));
    }

    public static Refusal? RefuseAdding(User user, Chat chat, User? newcomer) =>
        chat.PlaceOf(user) is null ? Refusal.NotFound
        : chat.IsDirect ? Refusal.DirectChat
        : newcomer is null || (chat.PlaceOf(newcomer) is null && newcomer.Blocked.Contains(user)) ? Refusal.NotFound
        : null;

    public Place Add(User user, Chat chat, User newcomer)
    {
        Touch(chat);
        chat.Version++;
        var place = new Place(newcomer, Now, chat.Messages.Count, _moment);
        TellAll(chat, "ParticipantAdded", ChangeOf(chat, place, user));
        chat.Places.Add(place);
        Tell(newcomer, "ChatCreated", Shapes.Of(chat));
        return place;
    }

    public static Refusal? RefuseRemoving(User user, Chat chat, User? leaver) =>
        chat.PlaceOf(user) is not { } place ? Refusal.NotFound
        : chat.IsDirect ? Refusal.DirectChat
        : leaver != user && place.Role != "admin" ? Refusal.NotAdmin
        : leaver is null || chat.PlaceOf(leaver) is null ? Refusal.NotFound
        : null;

    public void Remove(User user, Chat chat, User leaver)
    {
        Touch(chat);
        chat.Version++;
        var place = chat.PlaceOf(leaver)!;
        TellAll(chat, "ParticipantRemoved", ChangeOf(chat, place, user));
        chat.Places.Remove(place);
        place.Left = _moment;
        if (chat.IsGone)
        {
            // What its senders called its messages is free again.
            foreach (var message in chat.Messages.Where(message => message.OwnId is not null))
            {
                message.Sender.Sent.Remove(message.OwnId!);
            }
            return;
        }
        if (chat.Places.TrueForAll(other => other.Role != "admin"))
        {
            // Of those who came at once, the first by id.
            var heir = chat.Places.OrderBy(other => other.Joined).ThenBy(other => other.User.Number).First();
            heir.Role = "admin";
            Touch(chat);
            TellAll(chat, "ParticipantRoleChanged", ChangeOf(chat, heir, user));
        }
    }

    public static Refusal? RefuseRole(User user, Chat chat, User? other, string role) =>
        chat.PlaceOf(user) is not { } place ? Refusal.NotFound
        : chat.IsDirect ? Refusal.DirectChat
        : place.Role != "admin" ? Refusal.NotAdmin
        : other is null || chat.PlaceOf(other) is not { } changed ? Refusal.NotFound
        : role == "member" && changed.Role == "admin" && chat.Places.Count(admin => admin.Role == "admin") == 1 ? Refusal.Invalid
        : null;

    public void SetRole(User user, Chat chat, User other, string role)
    {
        var place = chat.PlaceOf(other)!;
        if (place.Role == role)
        {
            return;
        }
        place.Role = role;
        Touch(chat);
        TellAll(chat, "ParticipantRoleChanged", ChangeOf(chat, place, user));
    }

    /// <param name="user">Who reads.</param>
    /// <param name="chat">In which chat.</param>
    /// <param name="message">Null for an id that no message has.</param>
    public static Refusal? RefuseReading(User user, Chat chat, Message? message) =>
        chat.PlaceOf(user) is not { } place ? Refusal.NotFound
        : message is null || message.Chat != chat || !place.Sees(message) ? Refusal.Invalid
        : null;

    public void Read(User user, Message message, bool isPrivate)
    {
        var place = message.Chat.PlaceOf(user)!;
        if (place.Read is { } read && read.Index >= message.Index)
        {
            return;
        }
        place.Read = message;
        var data = new JsonObject { ["chat_id"] = message.Chat.Id, ["user_id"] = user.Id, ["message_id"] = message.Id };
        if (isPrivate)
        {
            Tell(user, "MessageRead", data);
        }
        else
        {
            TellAll(message.Chat, "MessageRead", data);
        }
    }

    /// <summary>A direct chat whose other side blocks the user.</summary>
    public static bool TakesNothingFrom(Chat chat, User user) => chat.OtherSide(user)?.Blocked.Contains(user) ?? false;

    private static List<User> Others(User user, IReadOnlyList<User?> named) => [.. named.OfType<User>().Where(other => other != user).Distinct()];

    private static JsonObject ChangeOf(Chat chat, Place place, User by) => new()
    {
        ["chat_id"] = chat.Id,
        ["user_id"] = place.User.Id,
        ["public_id"] = place.User.PublicId,
        ["by"] = by.Id,
        ["role"] = place.Role,
        ["membership_version"] = chat.Version,
    };

    private void Touch(Chat chat) => (chat.UpdatedAt, chat.Activity) = (Now, ++_moment);
}

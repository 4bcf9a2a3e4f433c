using System.Text.Json.Nodes;

namespace Mimu.Appliance.Tests.Model;

/// <summary>What a refusal must be.</summary>
/// <param name="Status">The status of an HTTP answer.</param>
/// <param name="Code">The word of protocol section 13.</param>
/// <param name="MembershipVersion">What <c>stale_membership</c> tells.</param>
internal sealed record Refusal(int Status, string Code, int? MembershipVersion = null)
{
    public static readonly Refusal NotFound = new(404, "not_found");
    public static readonly Refusal Blocked = new(403, "blocked");
    public static readonly Refusal NotAdmin = new(403, "not_admin");
    public static readonly Refusal NotSender = new(403, "not_sender");
    public static readonly Refusal DirectChat = new(409, "direct_chat");
    public static readonly Refusal EditWindowClosed = new(409, "edit_window_closed");
    public static readonly Refusal Invalid = new(422, "validation_failed");
}

/// <summary>Somebody with an account. Users are numbered in the order of their ids, so that ties are broken alike in every run.</summary>
internal sealed record User(int Number, string Id, string PublicId)
{
    public List<Happening> Stream { get; } = [];

    public HashSet<User> Blocked { get; } = [];

    /// <summary>By the sender's own id.</summary>
    public Dictionary<string, Message> Sent { get; } = [];

    public bool Equals(User? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => Number;
}

internal sealed class Message
{
    public required string Id { get; init; }
    public required Chat Chat { get; init; }

    /// <summary>Its place in the chat.</summary>
    public required int Index { get; init; }
    public required User Sender { get; init; }
    public required int DeviceId { get; init; }
    public required string Type { get; init; }
    public required string Payload { get; set; }
    public required string? ReplyTo { get; init; }
    public required string? ForwardedFrom { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset? ExpiresAt { get; init; }
    public required string? OwnId { get; init; }
    public DateTimeOffset? EditedAt { get; set; }

    /// <summary>The moment of the last edit in the order of all things.</summary>
    public long EditedMoment { get; set; }

    /// <summary>Its payload is erased: somebody deleted it, or it expired and the server has swept.</summary>
    public bool IsTombstone { get; set; }

    public bool IsGone(DateTimeOffset now) => IsTombstone || Chat.IsGone || ExpiresAt <= now;
}

/// <summary>Somebody's being in a chat, from one joining to one leaving.</summary>
internal sealed class Place(User user, DateTimeOffset joinedAt, int firstMessage, long moment)
{
    public User User { get; } = user;
    public string Role { get; set; } = "member";
    public DateTimeOffset JoinedAt { get; } = joinedAt;
    public int FirstMessage { get; } = firstMessage;
    public long Joined { get; } = moment;
    public long Left { get; set; } = long.MaxValue;
    public Message? Read { get; set; }

    /// <summary>The first message that may still have to be read.</summary>
    public int FirstUnread => Read is { } read ? read.Index + 1 : FirstMessage;

    public bool Sees(Message message) => message.Index >= FirstMessage;
}

internal sealed class Chat
{
    public required string Id { get; init; }
    public required int Number { get; init; }
    public required bool IsDirect { get; init; }
    public required User CreatedBy { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required string? Metadata { get; set; }
    public required int? Ttl { get; set; }
    public DateTimeOffset UpdatedAt { get; set; }
    public long Activity { get; set; }
    public int Version { get; set; } = 1;
    public List<Message> Messages { get; } = [];

    /// <summary>The longest-standing first.</summary>
    public List<Place> Places { get; } = [];

    public bool IsGone => Places.Count == 0;

    public Place? PlaceOf(User user) => Places.Find(place => place.User == user);

    public User? OtherSide(User user) => IsDirect ? Places.Find(place => place.User != user)?.User : null;
}

/// <summary>An event in somebody's stream.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Data">Its data, if it is no message.</param>
/// <param name="Message">The message that it tells of, in the form that it has whenever it is read.</param>
/// <param name="Place">In which time in the chat it was told.</param>
internal sealed record Happening(string Type, JsonObject? Data, Message? Message, Place? Place);

/// <summary>What sockets are told during one operation.</summary>
/// <param name="User">Whose sockets.</param>
/// <param name="Index">The place in the user's stream; null for what has none.</param>
/// <param name="Live">The event as it is at that moment, without its cursor.</param>
/// <param name="Origin">The session whose own message it is, which is not told of it live.</param>
internal sealed record Telling(User User, int? Index, JsonObject Live, string? Origin);

/// <summary>
/// The whole protocol of sections 4 to 6, as simple as it can be said: everything in memory, nothing hurried. It is written from docs/protocol.md, not from
/// the server's code.
/// </summary>
internal sealed partial class World(IReadOnlyList<User> users, Func<DateTimeOffset> clock)
{
    private static readonly TimeSpan _editWindow = TimeSpan.FromHours(48);

    private long _moment;

    public IReadOnlyList<User> Users => users;

    public List<Chat> Chats { get; } = [];

    /// <summary>What has been told since somebody last took it.</summary>
    public List<Telling> Tellings { get; } = [];

    public DateTimeOffset Now => clock();

    public IEnumerable<Message> Messages => Chats.SelectMany(chat => chat.Messages);

    /// <summary>The events after a place in the stream as a replay gives them now, each with its place.</summary>
    public IEnumerable<(int Index, JsonObject Event)> Replay(User user, int after)
    {
        for (var i = after; i < user.Stream.Count; i++)
        {
            var happening = user.Stream[i];
            if (happening.Message is not { } message || (!message.IsGone(Now) && message.EditedMoment <= happening.Place!.Left))
            {
                yield return (i, EventOf(happening, user));
            }
        }
    }

    /// <summary>The server has erased what expired.</summary>
    public void Sweep()
    {
        foreach (var message in Messages.Where(message => message.ExpiresAt <= Now))
        {
            message.IsTombstone = true;
        }
    }

    public void Type(User user, Chat chat, bool active)
    {
        foreach (var place in chat.Places.Where(place => place.User != user))
        {
            Tellings.Add(new Telling(place.User, null, new JsonObject
            {
                ["type"] = "TypingIndicator",
                ["data"] = new JsonObject { ["chat_id"] = chat.Id, ["user_id"] = user.Id, ["active"] = active },
            }, Origin: null));
        }
    }

    private void Tell(User user, string type, JsonObject data) => Tell(user, new Happening(type, data, Message: null, Place: null), origin: null);

    private void TellAll(Chat chat, string type, JsonObject data)
    {
        foreach (var place in chat.Places)
        {
            Tell(place.User, type, data);
        }
    }

    private void Tell(User user, Happening happening, string? origin)
    {
        user.Stream.Add(happening);
        Tellings.Add(new Telling(user, user.Stream.Count - 1, EventOf(happening, user), origin));
    }

    private static JsonObject EventOf(Happening happening, User viewer) => new()
    {
        ["type"] = happening.Type,
        ["data"] = happening.Message is { } message ? Shapes.Of(message, viewer) : happening.Data!.DeepClone(),
    };
}

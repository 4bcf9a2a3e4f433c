using System.Security.Cryptography;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Devices;
using Mimu.Core.Events;
using Mimu.Core.Keys;
using Mimu.Core.Media;
using Mimu.Core.Messages;
using Mimu.Core.Push;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;
using KeySizes = Mimu.Core.Keys.KeySizes;

namespace Mimu.Specification;

/// <summary>Things to store. Their keys are random bytes: a store asks for no good points.</summary>
public static class Sample
{
    /// <summary>When everything in a specification happens, unless it says otherwise.</summary>
    public static readonly DateTimeOffset Now = new(2026, 11, 22, 18, 50, 0, 123, TimeSpan.Zero);

    public static PublicId Name(string text) =>
        PublicId.TryParse(text, out var id) ? id : throw new ArgumentException($"{text} is no public id.", nameof(text));

    public static Account Account(string name, AccountState state = AccountState.Active) => new(
        Ids.NewUserId(), Name(name), $"The one called {name}", Avatar: null, RandomNumberGenerator.GetBytes(KeySizes.X25519),
        RandomNumberGenerator.GetBytes(KeySizes.Ed25519), "$argon2id$of-" + name, state, Now);

    public static Device Device(UserId user, int id = Core.Devices.Device.First) => new(user, id, $"Device {id}", 4711, Now, Now);

    public static Session Session(UserId user, int deviceId = Core.Devices.Device.First) => new(Ids.NewSessionId(Now), user, deviceId, Now, Now);

    public static RefreshToken Token(SessionId session, TimeSpan? life = null) =>
        new(Secret.Hash(Secret.New()), session, Now + (life ?? TimeSpan.FromDays(30)));

    public static Prekey Prekey(PrekeyKind kind, int id) => new(kind, id,
        RandomNumberGenerator.GetBytes(kind is PrekeyKind.PqOneTime or PrekeyKind.PqLastResort ? KeySizes.Kem : KeySizes.X25519),
        kind is PrekeyKind.OneTime ? null : RandomNumberGenerator.GetBytes(KeySizes.Signature));

    public static MediaFile File(UserId owner, long size) =>
        new(FileKey.New(), owner, size, "application/octet-stream", Sha256: null, FileState.Requested, Now, Now.AddMinutes(15));

    public static PushRegistration Registration(UserId user, string token, PushPlatform platform = PushPlatform.Fcm, int deviceId = Core.Devices.Device.First) =>
        new(Ids.NewRegistrationId(Now), user, deviceId, new PushTarget(platform, token, VoipToken: null, Sandbox: false, P256dh: null, Auth: null), Now, Now);

    public static Chat Chat(ChatType type, params Account[] people) => new(
        Ids.NewChatId(Now), type, people[0].Id, Now, Now, MembershipVersion: 1, EncryptedMetadata: null, MessageTtl: null,
        Array.ConvertAll(people, person => new Participant(person.Id, person.PublicId.Value, person.DisplayName,
            type is ChatType.Group && person == people[0] ? ParticipantRole.Admin : ParticipantRole.Member, Now)));

    public static Message Message(ChatId chat, UserId sender, params byte[] payload) => new(
        Ids.NewMessageId(Now), Position: 0, chat, sender, SenderDeviceId: 1, Type: "text", payload.Length == 0 ? [1, 2, 3] : payload,
        ReplyTo: null, ForwardedFrom: null, Now, EditedAt: null, ExpiresAt: null, ClientMessageId: null);

    /// <summary>Adds an account with its first device.</summary>
    public static async ValueTask<Account> AddAccountAsync(this ITransaction tx, string name, AccountState state = AccountState.Active)
    {
        var account = Account(name, state);
        await tx.Accounts.AddAsync(account);
        await tx.Devices.AddAsync(Device(account.Id));
        return account;
    }

    /// <summary>Adds a chat between accounts that are there.</summary>
    public static async ValueTask<Chat> AddChatAsync(this ITransaction tx, ChatType type, params Account[] people)
    {
        var chat = Chat(type, people);
        await tx.Chats.AddAsync(chat);
        return chat;
    }

    /// <summary>Adds a message; answers it with its place.</summary>
    public static async ValueTask<Message> AddMessageAsync(this ITransaction tx, Message message)
    {
        var cursor = await tx.Messages.AddAsync(message);
        return message with { Position = cursor.Position };
    }

    /// <summary>Appends an event about nothing in particular.</summary>
    public static ValueTask<Cursor> AppendEventAsync(this ITransaction tx, ChatId audience, string data = "{}") =>
        tx.Events.AppendAsync(audience, nameof(ChatCreated), System.Text.Encoding.UTF8.GetBytes(data), Now);
}

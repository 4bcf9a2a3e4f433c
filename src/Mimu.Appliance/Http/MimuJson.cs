using System.Text.Json.Serialization;
using Mimu.Appliance.Admin;
using Mimu.Appliance.Auth;
using Mimu.Appliance.Blocks;
using Mimu.Appliance.Calls;
using Mimu.Appliance.Chats;
using Mimu.Appliance.Devices;
using Mimu.Appliance.Keys;
using Mimu.Appliance.Media;
using Mimu.Appliance.Messages;
using Mimu.Appliance.Notifications;
using Mimu.Appliance.Server;
using Mimu.Appliance.Subscriptions;
using Mimu.Appliance.Users;

namespace Mimu.Appliance.Http;

/// <summary>Every body that is answered, serialised by code that is generated at build time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(TokenBody))]
[JsonSerializable(typeof(RegistrationIdBody))]
[JsonSerializable(typeof(SubscriptionBody))]
[JsonSerializable(typeof(SubscriptionFileBody))]
[JsonSerializable(typeof(RegistrationsBody))]
[JsonSerializable(typeof(VapidKeyBody))]
[JsonSerializable(typeof(PushQueueBody))]
[JsonSerializable(typeof(PushTestBody))]
[JsonSerializable(typeof(SessionsBody))]
[JsonSerializable(typeof(WsTicketBody))]
[JsonSerializable(typeof(ProfilesBody))]
[JsonSerializable(typeof(ProfileWithKeysBody))]
[JsonSerializable(typeof(ProfileBody))]
[JsonSerializable(typeof(SelfBody))]
[JsonSerializable(typeof(BlocksBody))]
[JsonSerializable(typeof(DevicesBody))]
[JsonSerializable(typeof(KeyBackupVersionBody))]
[JsonSerializable(typeof(KeyBackupBody))]
[JsonSerializable(typeof(KeysChangedBody))]
[JsonSerializable(typeof(PrekeyBundleBody))]
[JsonSerializable(typeof(PrekeyCountsBody))]
[JsonSerializable(typeof(PrekeysLowBody))]
[JsonSerializable(typeof(ChatBody))]
[JsonSerializable(typeof(SharedChatBody))]
[JsonSerializable(typeof(ChatsBody))]
[JsonSerializable(typeof(ParticipantBody))]
[JsonSerializable(typeof(ParticipantChangeBody))]
[JsonSerializable(typeof(MessageReadBody))]
[JsonSerializable(typeof(TypingIndicatorBody))]
[JsonSerializable(typeof(MessageBody))]
[JsonSerializable(typeof(MessagesBody))]
[JsonSerializable(typeof(ForwardedBody))]
[JsonSerializable(typeof(MessageDeletedBody))]
[JsonSerializable(typeof(UploadBody))]
[JsonSerializable(typeof(FileBody))]
[JsonSerializable(typeof(TurnCredentialsBody))]
[JsonSerializable(typeof(ServerBody))]
[JsonSerializable(typeof(ReadinessBody))]
[JsonSerializable(typeof(NewInviteBody))]
[JsonSerializable(typeof(InvitesBody))]
[JsonSerializable(typeof(AccountStateBody))]
[JsonSerializable(typeof(TokenKeyBody))]
[JsonSerializable(typeof(FileStatsBody))]
[JsonSerializable(typeof(CleanUpBody))]
[JsonSerializable(typeof(VerifiedBody))]
[JsonSerializable(typeof(MigratedBody))]
[JsonSerializable(typeof(DoneBody))]
internal sealed partial class MimuJson : JsonSerializerContext;

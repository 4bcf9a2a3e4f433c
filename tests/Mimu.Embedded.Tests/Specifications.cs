using Mimu.Core.Storage;
using Mimu.Embedded.PubSub;
using Mimu.Specification;

namespace Mimu.Embedded.Tests;

// What every back end must do, done by this one. What only this one does stands in the other files.

public sealed class SqliteTransactions : DatabaseSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteConcurrency : DatabaseConcurrencySpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteBatches : BatchSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteAccountStore : AccountStoreSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteDeviceStore : DeviceStoreSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteSessionStore : SessionStoreSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteInviteStore : InviteStoreSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteResetStore : ResetStoreSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteKeyStore : KeyStoreSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteChatStore : ChatStoreSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteMessageStore : MessageStoreSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteEventStore : EventStoreSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteEventPaging : EventPagingSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class LocalPubSubOfOneProcess : PubSubSpec
{
    protected override IPubSub Open() => new LocalPubSub();
}

public sealed class SqliteBlockStore : BlockStoreSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteKeyBackupStore : KeyBackupStoreSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteDepartures : DepartureSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteMessageChanges : MessageChangeSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteChatLists : ChatListSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteParticipants : ParticipantSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteEventRetention : EventRetentionSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteFileStore : FileStoreSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class BlobsOnTheLocalDisk : BlobStoreSpec
{
    protected override ValueTask<IBlobStoreUnderTest> OpenAsync() => new(new LocalBlobs());
}

public sealed class SqlitePushStore : PushStoreSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

public sealed class SqliteSubscriptionStore : SubscriptionStoreSpec
{
    protected override async ValueTask<IBackendUnderTest> OpenAsync() => await SqliteBackend.OpenAsync();
}

using Microsoft.Data.Sqlite;
using Mimu.Core.Accounts;
using Mimu.Core.Blocks;
using Mimu.Core.Chats;
using Mimu.Core.Devices;
using Mimu.Core.Events;
using Mimu.Core.Invites;
using Mimu.Core.Keys;
using Mimu.Core.Media;
using Mimu.Core.Messages;
using Mimu.Core.Push;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;
using Mimu.Core.Subscriptions;
using Mimu.Embedded.Sqlite.Stores;

namespace Mimu.Embedded.Sqlite;

/// <summary>The stores over one connection. There is one for each connection, and it serves one transaction after another.</summary>
internal sealed class StoreTransaction : ITransaction, IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly EventStore _events;
    private readonly MessageStore _messages;
    private readonly ChatStore _chats;
    private readonly SessionStore _sessions;
    private readonly PushStore _push;
    private readonly MembershipCache? _members;
    private readonly List<Publication> _published = [];
    private readonly Statement _begin;
    private readonly Statement _beginImmediate;
    private readonly Statement _commit;
    private readonly Statement _rollback;
    private readonly Statement _savepoint;
    private readonly Statement _release;
    private readonly Statement _rollbackTo;

    /// <param name="connection">The connection, which is this transaction's from now on.</param>
    /// <param name="members">What the one writer remembers; null for readers.</param>
    public StoreTransaction(SqliteConnection connection, MembershipCache? members = null)
    {
        _connection = connection;
        _members = members;
        Accounts = new AccountStore(connection);
        Devices = new DeviceStore(connection);
        Keys = new KeyStore(connection);
        Invites = new InviteStore(connection);
        Resets = new ResetStore(connection);
        KeyBackups = new KeyBackupStore(connection);
        Blocks = new BlockStore(connection, members);
        Files = new FileStore(connection);
        Subscriptions = new SubscriptionStore(connection);
        _sessions = new SessionStore(connection);
        _push = new PushStore(connection);
        _events = new EventStore(connection);
        _messages = new MessageStore(connection, _events);
        _chats = new ChatStore(connection, _events, _messages, members);
        _begin = new Statement(connection, "BEGIN");
        _beginImmediate = new Statement(connection, "BEGIN IMMEDIATE");
        _commit = new Statement(connection, "COMMIT");
        _rollback = new Statement(connection, "ROLLBACK");
        _savepoint = new Statement(connection, "SAVEPOINT work");
        _release = new Statement(connection, "RELEASE work");
        _rollbackTo = new Statement(connection, "ROLLBACK TO work");
    }

    public IAccountStore Accounts { get; }

    public IDeviceStore Devices { get; }

    public ISessionStore Sessions => _sessions;

    public IInviteStore Invites { get; }

    public IResetStore Resets { get; }

    public IKeyStore Keys { get; }

    public IKeyBackupStore KeyBackups { get; }

    public IBlockStore Blocks { get; }

    public IFileStore Files { get; }

    public IPushStore Push => _push;

    public ISubscriptionStore Subscriptions { get; }

    public IChatStore Chats => _chats;

    public IMessageStore Messages => _messages;

    public IEventStore Events => _events;

    public void Publish(Publication publication) => _published.Add(publication);

    /// <summary>What the work since the last call published.</summary>
    public Publication[] TakePublished()
    {
        if (_published.Count == 0)
        {
            return [];
        }
        var published = _published.ToArray();
        _published.Clear();
        return published;
    }

    public void BeginRead() => _begin.Execute();

    public void BeginWrite() => _beginImmediate.Execute();

    public void Commit()
    {
        _events.Save();
        _commit.Execute();
    }

    /// <summary>How many rows were changed since the connection was opened: whether work wrote anything.</summary>
    public int TotalChanges => SQLitePCL.raw.sqlite3_total_changes(_connection.Handle);

    /// <summary>Undoes everything. SQLite may have done so by itself when the disk failed; then there is nothing left to undo.</summary>
    public void Rollback()
    {
        _published.Clear();
        _events.GiveBackAll();
        _members?.ForgetAll();
        _push.Forget();
        if (!IsLost)
        {
            _rollback.Execute();
        }
    }

    /// <summary>Before a piece of work that is undone by <see cref="GiveBackPlaces"/> when it wrote nothing.</summary>
    public void RememberPlaces() => _events.BeginWork();

    public void GiveBackPlaces() => _events.GiveBack();

    /// <summary>Begins a piece of work within the transaction, that can be undone alone.</summary>
    public void BeginWork()
    {
        _events.BeginWork();
        _savepoint.Execute();
    }

    public void KeepWork() => _release.Execute();

    public void UndoWork()
    {
        _published.Clear();
        _events.GiveBack();
        _members?.ForgetAll();
        _push.Forget();
        _rollbackTo.Execute();
        _release.Execute();
    }

    /// <summary>Whether SQLite has given the transaction up (https://sqlite.org/c3ref/get_autocommit.html).</summary>
    public bool IsLost => SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) != 0;

    public void Dispose()
    {
        foreach (var statement in (Statement[])[_begin, _beginImmediate, _commit, _rollback, _savepoint, _release, _rollbackTo])
        {
            statement.Dispose();
        }
        _chats.Dispose();
        _messages.Dispose();
        _events.Dispose();
        _sessions.Dispose();
        _push.Dispose();
        _connection.Dispose();
    }
}

namespace Mimu.Core.Storage;

/// <summary>The disk has no room left. Nothing was changed; the same work may succeed when there is room.</summary>
public sealed class StorageFullException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The database is closed, locked or does not answer. Nothing was changed.</summary>
public sealed class StorageUnavailableException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>What waits to be written is more than a second behind. Nothing was changed; the same work may succeed in a moment.</summary>
public sealed class StorageBusyException() : Exception("What waits to be written is more than a second behind.");

/// <summary>The storage can't be opened; the message is one sentence for the administrator.</summary>
public sealed class StorageRefusedException(StorageRefusal reason, string sentence, Exception? inner = null) : Exception(sentence, inner)
{
    public StorageRefusal Reason { get; } = reason;
}

/// <summary>Why storage can't be opened.</summary>
public enum StorageRefusal
{
    /// <summary>The data directory or a file in it can't be written.</summary>
    NotWritable,

    /// <summary>Another process holds the data directory.</summary>
    InUse,

    /// <summary>A newer program made the database.</summary>
    TooNew,

    /// <summary>The file is no database, or a damaged one.</summary>
    Damaged,
}

using System.Buffers.Binary;
using Microsoft.Data.Sqlite;

namespace Mimu.Embedded.Tests;

/// <summary>Reads SQLite's log as it lies on the disk (https://sqlite.org/fileformat2.html#walformat): each transaction that was committed ends with a frame that says so.</summary>
internal sealed class WriteAheadLog : IAsyncDisposable
{
    private const int HeaderSize = 32;
    private const int FrameHeaderSize = 24;

    private readonly string _path;
    private readonly SqliteConnection _reader;

    /// <summary>Holds a reader open, so that the log is not begun anew while it is counted.</summary>
    public WriteAheadLog(string databasePath)
    {
        _path = databasePath + "-wal";
        _reader = SqliteFiles.Open(databasePath);
        _reader.Run("BEGIN");
        _reader.Number("SELECT position FROM stream");
    }

    /// <summary>How many transactions it holds.</summary>
    public int CountCommits()
    {
        using var file = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> header = stackalloc byte[HeaderSize];
        if (file.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false) < HeaderSize)
        {
            return 0;
        }
        var pageSize = BinaryPrimitives.ReadUInt32BigEndian(header[8..]);
        var commits = 0;
        Span<byte> frame = stackalloc byte[FrameHeaderSize];
        // Frames of an earlier round of the log have other salts.
        while (file.ReadAtLeast(frame, FrameHeaderSize, throwOnEndOfStream: false) == FrameHeaderSize && frame[8..16].SequenceEqual(header[16..24]))
        {
            commits += BinaryPrimitives.ReadUInt32BigEndian(frame[4..]) != 0 ? 1 : 0;
            file.Seek(pageSize, SeekOrigin.Current);
        }
        return commits;
    }

    public ValueTask DisposeAsync() => _reader.DisposeAsync();
}

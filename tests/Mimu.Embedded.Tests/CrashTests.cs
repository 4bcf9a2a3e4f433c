using Mimu.Core;
using Mimu.Embedded.Sqlite;
using Xunit;

namespace Mimu.Embedded.Tests;

/// <summary>
/// The process dies in the midst of its work, again and again, always over the same file. Here it is killed, and the kernel lives on: that a commit is
/// synced as well is what <see cref="PragmaTests"/> and <see cref="GroupCommitTests"/> are for.
/// </summary>
public sealed class CrashTests : IDisposable
{
    private const int Rounds = 10;

    private readonly TemporaryDirectory _directory = new();
    private readonly HashSet<string> _acknowledged = [];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task What_was_acknowledged_is_there_after_the_process_was_killed()
    {
        for (var round = 1; round <= Rounds; round++)
        {
            // The further, the later: through opening, through the first checkpoints, and beyond.
            await WriteAndKillAsync(afterLines: 10 * round * round);

            await AssertNothingIsLostAsync();
        }
    }

    private async Task WriteAndKillAsync(int afterLines)
    {
        using var child = ChildProcess.Start("write", _directory.Path);
        for (var i = 0; i < afterLines; i++)
        {
            Assert.True(_acknowledged.Add(await child.ReadLineAsync() ?? throw new InvalidOperationException("The child ended by itself.")));
        }
        child.Kill();
        // What it wrote before it died counts as well, but for a line that it could not finish.
        var rest = (await child.ReadRestAsync()).Split('\n');
        _acknowledged.UnionWith(rest[..^1]);
    }

    private async Task AssertNothingIsLostAsync()
    {
        // As the next start finds it.
        await EmbeddedBackend.Open(_directory.Options).DisposeAsync();

        using var connection = SqliteFiles.Open(_directory.DatabasePath);
        Assert.Equal("ok", connection.Text("PRAGMA integrity_check"));
        Assert.Empty(connection.Lines("SELECT \"table\" FROM pragma_foreign_key_check"));
        var stored = connection.Lines("SELECT lower(hex(message_id)) FROM messages").Select(hex => new MessageId(Columns.Id(Convert.FromHexString(hex))).ToString()).ToHashSet();
        Assert.Empty(_acknowledged.Except(stored));
        // All or nothing: each message came with an event that names it, and no place in the stream was taken twice or left out.
        Assert.Equal(stored, connection.Lines("SELECT CAST(data AS TEXT) FROM events").ToHashSet());
        Assert.Equal(2 * stored.Count, connection.Number("SELECT position FROM stream"));
        Assert.Equal(2 * stored.Count, connection.Number("SELECT count(*) FROM (SELECT position FROM messages UNION SELECT position FROM events)"));
    }
}

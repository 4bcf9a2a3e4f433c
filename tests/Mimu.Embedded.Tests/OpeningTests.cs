using Mimu.Core.Storage;
using Xunit;

namespace Mimu.Embedded.Tests;

public sealed class OpeningTests : IDisposable
{
    private const UnixFileMode OwnerReads = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_data_directory_that_is_not_there_is_made_for_its_owner_alone()
    {
        var path = Path.Combine(_directory.Path, "var", "mimu");

        await using var backend = EmbeddedBackend.Open(In(path));

        Assert.Equal(OwnerReads | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
        Assert.Equal(OwnerReads, File.GetUnixFileMode(Path.Combine(path, "mimu.lock")));
        // The log and its index take the mode of the database, and a write shows them.
        await backend.Database.WriteAsync<bool>(async tx => await tx.Accounts.AddAsync(Specification.Sample.Account("alice")));
        Assert.Equal(["mimu.db", "mimu.db-shm", "mimu.db-wal"], Directory.GetFiles(path, "mimu.db*").Select(Path.GetFileName).Order());
        Assert.All(Directory.GetFiles(path, "mimu.db*"), file => Assert.Equal(OwnerReads, File.GetUnixFileMode(file)));
    }

    [Fact]
    public async Task A_second_program_is_refused_while_the_first_has_the_directory()
    {
        await using var first = EmbeddedBackend.Open(_directory.Options);

        var refused = Assert.Throws<StorageRefusedException>(() => EmbeddedBackend.Open(_directory.Options));

        Assert.Equal(StorageRefusal.InUse, refused.Reason);
        Assert.Contains(_directory.Path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_data_directory_can_not_share_a_database_that_lies_elsewhere()
    {
        var database = Path.Combine(_directory.Path, "shared.db");
        await using (EmbeddedBackend.Open(Sharing("one")))
        {
            var refused = Assert.Throws<StorageRefusedException>(() => EmbeddedBackend.Open(Sharing("two")));

            Assert.Equal(StorageRefusal.InUse, refused.Reason);
            Assert.Contains(database, refused.Message, StringComparison.Ordinal);
        }
        await EmbeddedBackend.Open(Sharing("two")).DisposeAsync();

        EmbeddedOptions Sharing(string directory) => new(Path.Combine(_directory.Path, directory), database, SyncEveryCommit: true);
    }

    [Fact]
    public async Task A_second_process_is_refused_while_this_one_has_the_directory()
    {
        await using var first = EmbeddedBackend.Open(_directory.Options);

        using var second = ChildProcess.Start("open", _directory.Path);

        Assert.Equal("refused: InUse", await second.ReadLineAsync());
    }

    [Fact]
    public async Task The_directory_is_free_when_the_first_has_closed_it()
    {
        await EmbeddedBackend.Open(_directory.Options).DisposeAsync();

        await EmbeddedBackend.Open(_directory.Options).DisposeAsync();
    }

    [Fact]
    public async Task The_directory_is_free_after_an_opening_that_was_refused()
    {
        await File.WriteAllTextAsync(_directory.DatabasePath, new string('x', 5000));
        Assert.Equal(StorageRefusal.Damaged, Assert.Throws<StorageRefusedException>(() => EmbeddedBackend.Open(_directory.Options)).Reason);
        File.Delete(_directory.DatabasePath);

        await EmbeddedBackend.Open(_directory.Options).DisposeAsync();
    }

    [Fact]
    public async Task A_data_directory_below_a_file_can_not_be_written()
    {
        var file = Path.Combine(_directory.Path, "a file");
        await File.WriteAllTextAsync(file, "");

        AssertNotWritable(In(Path.Combine(file, "mimu")), file);
    }

    [Fact]
    public void A_database_in_a_directory_that_is_not_there_can_not_be_written() =>
        AssertNotWritable(_directory.Options with { DatabasePath = Path.Combine(_directory.Path, "nowhere", "mimu.db") }, "nowhere");

    [Fact]
    public void A_database_that_is_a_directory_can_not_be_written()
    {
        Directory.CreateDirectory(_directory.DatabasePath);

        AssertNotWritable(_directory.Options, _directory.DatabasePath);
    }

    [FactWithTmpfs]
    public async Task A_data_directory_on_a_file_system_that_is_mounted_read_only_can_not_be_written()
    {
        using var mount = Tmpfs.Mount("4m");
        await EmbeddedBackend.Open(In(mount.Path)).DisposeAsync();
        mount.Remount("ro");

        AssertNotWritable(In(mount.Path), mount.Path);
    }

    [FactWithTmpfs]
    public async Task A_database_on_a_file_system_that_is_mounted_read_only_can_not_be_written()
    {
        using var mount = Tmpfs.Mount("4m");
        var options = _directory.Options with { DatabasePath = Path.Combine(mount.Path, "mimu.db") };
        await EmbeddedBackend.Open(options).DisposeAsync();
        mount.Remount("ro");

        AssertNotWritable(options, options.DatabasePath);
    }

    private static EmbeddedOptions In(string directory) => new(directory, Path.Combine(directory, "mimu.db"), SyncEveryCommit: true);

    private static void AssertNotWritable(EmbeddedOptions options, string named)
    {
        var refused = Assert.Throws<StorageRefusedException>(() => EmbeddedBackend.Open(options));
        Assert.Equal(StorageRefusal.NotWritable, refused.Reason);
        Assert.Contains(named, refused.Message, StringComparison.Ordinal);
    }
}

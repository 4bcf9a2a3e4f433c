using Microsoft.Data.Sqlite;

namespace Mimu.Smoke;

/// <summary>What an administrator sees who gets something wrong: one clear sentence and an exit code, never a stack trace.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task It_tells_its_version_and_its_verbs()
    {
        var (code, version, _) = await Program.RunAsync(_directory.FullName, "--version");
        Assert.Equal(0, code);
        Assert.Matches(@"^\d+\.\d+\.\d+", version);
        var (helpCode, help, _) = await Program.RunAsync(_directory.FullName, "--help");
        Assert.Equal(0, helpCode);
        Assert.All(["serve", "config", "demo", "admin"], verb => Assert.Contains($"  {verb}", help, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("serve", "srve")]
    [InlineData("--config", "serve", "--confg", "x")]
    [InlineData("check", "config", "chek")]
    public async Task A_wrong_word_is_answered_with_the_right_one(string suggestion, params string[] arguments)
    {
        var (code, output, errors) = await Program.RunAsync(_directory.FullName, arguments);
        Assert.Equal(2, code);
        Assert.Contains(suggestion, errors, StringComparison.Ordinal);
        Assert.Empty(output);
        Assert.Empty(Directory.GetFileSystemEntries(_directory.FullName));
    }

    [Fact]
    public async Task Every_fault_of_the_settings_is_told_and_nothing_is_started()
    {
        await File.WriteAllTextAsync(_directory.PathOf("mimu.toml"), "[server]\nlissten = [\"127.0.0.1:1\"]\n[auth]\naccess_token_lifetime = \"15x\"\n");
        foreach (var arguments in (string[][])[["serve"], ["config", "check"], ["config", "show"]])
        {
            var (code, _, errors) = await Program.RunAsync(_directory.FullName, arguments);
            Assert.Equal(78, code);
            var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(2, lines.Length);
            Assert.Contains("mimu.toml:2: server.lissten", lines[0], StringComparison.Ordinal);
            Assert.Contains("server.listen", lines[0], StringComparison.Ordinal);
            Assert.Contains("mimu.toml:4: auth.access_token_lifetime", lines[1], StringComparison.Ordinal);
        }
        Assert.Equal([_directory.PathOf("mimu.toml")], Directory.GetFileSystemEntries(_directory.FullName));
    }

    [Fact]
    public async Task The_example_is_sound_and_shown_settings_can_be_read_again()
    {
        var (_, example, _) = await Program.RunAsync(_directory.FullName, "config", "example");
        await File.WriteAllTextAsync(_directory.PathOf("example.toml"), example);
        Assert.Equal(0, (await Program.RunAsync(_directory.FullName, "config", "check", "--config", "example.toml")).ExitCode);
        var (_, shown, _) = await Program.RunAsync(_directory.FullName, "config", "show");
        await File.WriteAllTextAsync(_directory.PathOf("shown.toml"), shown);
        Assert.Equal(0, (await Program.RunAsync(_directory.FullName, "config", "check", "--config", "shown.toml")).ExitCode);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_said()
    {
        var (first, address) = await Program.ServeAsync(_directory.FullName);
        await using var running = first;
        await File.WriteAllTextAsync(_directory.PathOf("other.toml"), $"[server]\nlisten = [\"127.0.0.1:{address.Port}\"]\ndata_dir = \"other\"\n");
        await ExpectRefusalAsync(69, $"{address.Port}", "serve", "--config", "other.toml");
    }

    [Fact]
    public async Task A_second_process_on_the_same_data_is_refused()
    {
        var (first, _) = await Program.ServeAsync(_directory.FullName);
        await using var running = first;
        await File.WriteAllTextAsync(_directory.PathOf("other.toml"), "[server]\nlisten = [\"127.0.0.1:0\"]\n");
        await ExpectRefusalAsync(75, "mimu-data", "serve", "--config", "other.toml");
    }

    [Fact]
    public async Task A_data_directory_that_can_not_be_made_is_said()
    {
        await File.WriteAllTextAsync(_directory.PathOf("file"), "");
        await File.WriteAllTextAsync(_directory.PathOf("mimu.toml"), "[server]\ndata_dir = \"file/data\"\n");
        await ExpectRefusalAsync(73, "file/data", "serve");
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_left_alone()
    {
        Directory.CreateDirectory(_directory.PathOf("mimu-data"));
        await using (var connection = new SqliteConnection($"Data Source={_directory.PathOf("mimu-data/mimu.db")};Pooling=False"))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 9999";
            await command.ExecuteNonQueryAsync();
        }
        await ExpectRefusalAsync(65, "newer", "serve");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_said_and_left_as_it_is()
    {
        var path = _directory.PathOf("mimu-data/mimu.db");
        Directory.CreateDirectory(_directory.PathOf("mimu-data"));
        var garbage = Enumerable.Range(0, 8192).Select(number => (byte)(number * 7)).ToArray();
        await File.WriteAllBytesAsync(path, garbage);
        await ExpectRefusalAsync(65, "mimu.db", "serve");
        Assert.Equal(garbage, await File.ReadAllBytesAsync(path));
    }

    private async Task ExpectRefusalAsync(int expected, string named, params string[] arguments)
    {
        var (code, output, errors) = await Program.RunAsync(_directory.FullName, arguments);
        Assert.True(code == expected, $"expected exit code {expected}, got {code}: {errors}");
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(named, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.Empty(output);
    }
}

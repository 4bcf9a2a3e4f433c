namespace Mimu.Smoke;

/// <summary>Appendix A of the protocol, with the official libsignal client: tests/libsignal.</summary>
public sealed class LibsignalTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Two_people_with_the_official_client_talk_through_it()
    {
        var tests = Tool.FindPackages("libsignal");
        var (program, address) = await Program.ServeAsync(_directory.FullName, ("MIMU_AUTH__ARGON2_MEMORY", "64KiB"), ("MIMU_AUTH__ARGON2_ITERATIONS", "1"));
        await using var server = program;
        await Tool.RunNodeAsync(Path.Combine(tests, "test.mjs"), address.ToString());
        Assert.Empty(server.Errors);
    }
}

using System.Diagnostics;
using System.Text;
using static Mimu.Appliance.Tests.Configuration.ConfigurationFolder;

namespace Mimu.Appliance.Tests.Configuration;

/// <summary>Whatever the file holds, there are faults and no exception, and soon.</summary>
public sealed class GarbageTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void An_empty_file_gives_the_defaults()
    {
        var path = _folder.Write("mimu.toml", "");
        Assert.Equal(path, _folder.Read().Source);
        Assert.True(_folder.Read().IsSound);
    }

    [Fact]
    public void A_byte_order_mark_and_windows_newlines_are_taken()
    {
        _folder.Write("mimu.toml", [.. Encoding.UTF8.Preamble, .. "[auth]\r\nissuer = \"a\"\r\n\r\n[log]\r\nlevel = 5\r\n"u8]);
        Assert.StartsWith("mimu.toml:5: log.level: ", Assert.Single(Lines(_folder.Read())), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_utf8_is_told_with_its_line()
    {
        _folder.Write("mimu.toml", [.. "[auth]\nissuer = \""u8, 0xE4, .. "\"\n"u8]);
        Assert.Equal(["mimu.toml:2: not text in UTF-8"], Lines(_folder.Read()));
        _folder.Write("mimu.toml", Encoding.Unicode.GetBytes("\uFEFF[auth]\nissuer = \"a\"\n"));
        Assert.Equal(["mimu.toml:1: not text in UTF-8"], Lines(_folder.Read()));
    }

    [Fact]
    public void A_huge_file_is_refused()
    {
        _folder.Write("mimu.toml", new byte[10 << 20]);
        Assert.Equal(["mimu.toml: cannot be read: larger than 256 KiB, which is more than it can need"], Lines(_folder.Read()));
        Assert.Single(Lines(_folder.Read("/dev/zero")));
    }

    [Theory]
    [InlineData("\0\u0001[")]
    [InlineData("x=[[")]
    [InlineData("a b c\n")]
    [InlineData("\"")]
    [InlineData("\"\"\"")]
    [InlineData("[a]\n")]
    [InlineData("[server]\n")]
    [InlineData("[\n")]
    [InlineData("x={a=")]
    [InlineData("\\")]
    [InlineData("a.")]
    [InlineData("=\n")]
    [InlineData("a=1\n")]
    [InlineData("\uFFFD\uFFFD\n")]
    [InlineData("server.listen=[\n")]
    public void A_file_full_of_garbage_is_told_in_reasonable_time(string garbage)
    {
        _folder.Write("mimu.toml", new StringBuilder().Insert(0, garbage, 200_000 / Encoding.UTF8.GetByteCount(garbage)).ToString());
        var watch = Stopwatch.StartNew();
        Assert.NotEmpty(Lines(_folder.Read()));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(20), $"took {watch.Elapsed}");
    }

#pragma warning disable CA5394 // The same garbage each time is wanted, not unpredictable garbage.
    [Fact]
    public void Random_garbage_never_throws()
    {
        const string Alphabet = "[]{}=.,\"'#\n\t ab1-+:_eT\\ux\0\r\u00E9";
        var random = new Random(20261122);
        var pieces = new[] { "[server]\n", "listen = [", "\"127.0.0.1:80\"", "limits.rates.send", "{ burst = 5", " = ", "\"\"\"", "'''", "\n" };
        for (var round = 0; round < 1000; round++)
        {
            var text = new StringBuilder();
            for (var length = random.Next(60); length > 0; length--)
            {
                if (random.Next(4) == 0)
                    text.Append(pieces[random.Next(pieces.Length)]);
                else
                    text.Append(random.Next(20) == 0 ? (char)random.Next(0xD800) : Alphabet[random.Next(Alphabet.Length)]);
            }
            Faults(text.ToString());
        }
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        var random = new Random(20261122);
        var bytes = new byte[300];
        for (var round = 0; round < 200; round++)
        {
            random.NextBytes(bytes);
            _folder.Write("mimu.toml", bytes);
            Assert.NotEmpty(Lines(_folder.Read()));
        }
    }
#pragma warning restore CA5394
}

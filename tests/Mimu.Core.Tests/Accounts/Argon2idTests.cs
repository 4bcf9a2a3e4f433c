using Mimu.Core.Accounts;
using Xunit;
using Konscious = Konscious.Security.Cryptography;

namespace Mimu.Core.Tests.Accounts;

public sealed class Argon2idTests
{
    /// <summary>
    /// Made by the reference implementation's command line tool (argon2 0~20171227), as in
    /// <c>printf %s 'correct horse battery staple' | argon2 0123456789abcdef -id -v 13 -t 2 -k 64 -p 1 -l 32 -e</c>.
    /// The last two are of that implementation's own tests (src/test.c), with a salt of eight bytes.
    /// </summary>
    [Theory]
    [InlineData("correct horse battery staple", "$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gAwJW5vx5itn2V9KHlEUjyUCrpDYgKyQf0gMaHGx1h4")]
    [InlineData("correct horse battery staple", "$argon2id$v=19$m=64,t=3,p=4$MDEyMzQ1Njc4OWFiY2RlZg$50WlLMTS62Tm0boTX6gj9/Twg9JqLCOkn3nUFhfCpHs")]
    [InlineData("пароль🔑", "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$e3FeG8Bwr1XOmSw3pkX68KSLsX+DVucNu0+u50rylgc")]
    [InlineData("password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4")]
    [InlineData("password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc")]
    public void Hashes_of_the_reference_implementation_are_verified(string password, string stored)
    {
        Assert.True(Argon2id.Verify(password, stored));
        Assert.False(Argon2id.Verify(password + " ", stored));
        Assert.False(Argon2id.Verify(password[1..], stored));
        Assert.False(Argon2id.Verify("", stored));
    }

    [Theory]
    [InlineData(8, 1)]
    [InlineData(64, 3)]
    [InlineData(1000, 2)]
    public void The_fast_implementation_gives_what_the_other_one_gives(int memory, int iterations)
    {
        var parts = Argon2id.Hash("a password", new PasswordSettings(memory, iterations, Parallelism: 1)).Split('$');
        using var other = new Konscious::Argon2id("a password"u8.ToArray())
        {
            Salt = Convert.FromBase64String(parts[4] + "=="),
            MemorySize = memory,
            Iterations = iterations,
            DegreeOfParallelism = 1,
        };

        Assert.Equal(Convert.ToBase64String(other.GetBytes(32)).TrimEnd('='), parts[5]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_hash_verifies_its_own_password_and_no_other(int parallelism)
    {
        var stored = Argon2id.Hash("a password", World.Cheap with { MemoryKiB = 8 * parallelism, Parallelism = parallelism });

        Assert.Matches($@"^\$argon2id\$v=19\$m={8 * parallelism},t=1,p={parallelism}\$[A-Za-z0-9+/]{{22}}\$[A-Za-z0-9+/]{{43}}$", stored);
        Assert.True(Argon2id.Verify("a password", stored));
        Assert.False(Argon2id.Verify("A password", stored));
        Assert.False(Argon2id.Verify("a password\0", stored));
    }

    [Fact]
    public void Passwords_are_taken_as_they_are_without_normalisation()
    {
        var composed = Argon2id.Hash("caf\u00e9 caf\u00e9", World.Cheap);

        Assert.True(Argon2id.Verify("caf\u00e9 caf\u00e9", composed));
        Assert.False(Argon2id.Verify("cafe\u0301 cafe\u0301", composed));
    }

    [Fact]
    public void One_password_has_another_hash_each_time() =>
        Assert.Equal(20, Enumerable.Range(0, 20).Select(_ => Argon2id.Hash("a password", World.Cheap)).Distinct().Count());

    [Theory]
    [InlineData("m=64,t=2,p=1", 64, 2, 1, false)]
    [InlineData("m=64,t=2,p=1", 32, 1, 1, false)]
    [InlineData("m=64,t=2,p=1", 65, 2, 1, true)]
    [InlineData("m=64,t=2,p=1", 64, 3, 1, true)]
    [InlineData("m=64,t=2,p=1", 64, 2, 2, true)]
    [InlineData("m=128,t=2,p=1", 64, 3, 1, true)]
    public void A_hash_is_weaker_when_any_of_its_costs_is(string costs, int memory, int iterations, int parallelism, bool expected) => Assert.Equal(expected,
        Argon2id.IsWeaker($"$argon2id$v=19${costs}$MDEyMzQ1Njc4OWFiY2RlZg$gAwJW5vx5itn2V9KHlEUjyUCrpDYgKyQf0gMaHGx1h4",
            new PasswordSettings(memory, iterations, parallelism)));

    [Theory]
    [InlineData("")]
    [InlineData("a password")]
    [InlineData("$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg")]
    [InlineData("$argon2i$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gAwJW5vx5itn2V9KHlEUjyUCrpDYgKyQf0gMaHGx1h4")]
    [InlineData("$argon2id$v=16$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gAwJW5vx5itn2V9KHlEUjyUCrpDYgKyQf0gMaHGx1h4")]
    [InlineData("$argon2id$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gAwJW5vx5itn2V9KHlEUjyUCrpDYgKyQf0gMaHGx1h4")]
    [InlineData("$argon2id$v=19$t=1,m=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gAwJW5vx5itn2V9KHlEUjyUCrpDYgKyQf0gMaHGx1h4")]
    [InlineData("$argon2id$v=19$m=8,t=1$MDEyMzQ1Njc4OWFiY2RlZg$gAwJW5vx5itn2V9KHlEUjyUCrpDYgKyQf0gMaHGx1h4")]
    [InlineData("$argon2id$v=19$m=-8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gAwJW5vx5itn2V9KHlEUjyUCrpDYgKyQf0gMaHGx1h4")]
    [InlineData("$argon2id$v=19$m=8x,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gAwJW5vx5itn2V9KHlEUjyUCrpDYgKyQf0gMaHGx1h4")]
    [InlineData("$argon2id$v=19$m=8,t=1,p=1$not base64!!$gAwJW5vx5itn2V9KHlEUjyUCrpDYgKyQf0gMaHGx1h4")]
    [InlineData("$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$")]
    [InlineData("$argon2id$v=19$m=8,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gA")]
    public void A_malformed_hash_opens_to_no_password_and_says_that_it_is_malformed(string stored)
    {
        Assert.Throws<FormatException>(() => Argon2id.Verify("a password", stored));
        Assert.Throws<FormatException>(() => Argon2id.Verify("", stored));
        Assert.Throws<FormatException>(() => Argon2id.IsWeaker(stored, World.Cheap));
    }
}

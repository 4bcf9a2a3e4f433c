using System.Net;
using System.Text;
using Mimu.Core.Calls;
using Xunit;

namespace Mimu.Core.Tests.Calls;

/// <summary>STUN as RFC 5769 shows it.</summary>
public class StunMessageTests
{
    /// <summary>Section 2.1: a request with short-term credentials.</summary>
    private const string Request = """
        000100582112a442b7e7a701bc34d686fa87dfae
        802200105354554e207465737420636c69656e74
        002400046e0001ff
        80290008932ff9b151263b36
        000600096576746a3a68367659202020
        000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
        80280004e57a3bcf
        """;

    /// <summary>Section 2.2: an answer with an IPv4 address.</summary>
    private const string AnswerV4 = """
        0101003c2112a442b7e7a701bc34d686fa87dfae
        8022000b7465737420766563746f7220
        002000080001a147e112a643
        000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7
        80280004c07d4c96
        """;

    /// <summary>Section 2.3: an answer with an IPv6 address.</summary>
    private const string AnswerV6 = """
        010100482112a442b7e7a701bc34d686fa87dfae
        8022000b7465737420766563746f7220
        002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9
        00080014a382954e4be67bf11784c97c8292c275bfe3ed41
        80280004c8fb0b4c
        """;

    /// <summary>Section 2.4: a request with long-term credentials.</summary>
    private const string LongTerm = """
        000100602112a44278ad3433c6ad72c029da412e
        00060012e3839ee38388e383aae38383e382afe382b90000
        0015001c662f2f3439396b39353464364f4c33346f4c39465354767936347341
        0014000b6578616d706c652e6f726700
        00080014f67024656dd64a3e02b8e0712e85c9a28ca89666
        """;

    private static readonly byte[] _shortTermKey = Encoding.ASCII.GetBytes("VOkJxbRl1RmTxUk/WvJxBt");

    [Theory]
    [InlineData(Request)]
    [InlineData(AnswerV4)]
    [InlineData(AnswerV6)]
    public void Signature_and_checksum_are_those_of_the_standard(string message)
    {
        var parsed = Parse(message);
        Assert.True(parsed.IsSignedWith(_shortTermKey));
        Assert.True(parsed.HasFingerprint);
        Assert.False(parsed.IsSignedWith("another"u8));
        Assert.Equal("b7e7a701bc34d686fa87dfae", Convert.ToHexStringLower(parsed.Transaction));
    }

    [Fact]
    public void Attributes_are_read_without_their_padding()
    {
        var request = Parse(Request);
        Assert.Equal((StunMethod.Binding, StunClass.Request), (request.Method, request.Class));
        Assert.Equal("evtj:h6vY", request.Text(StunField.Username));
        Assert.Equal("STUN test client", request.Text(StunField.Software));
        Assert.Null(request.Text(StunField.Realm));
    }

    [Theory]
    [InlineData(AnswerV4, "192.0.2.1")]
    [InlineData(AnswerV6, "2001:db8:1234:5678:11:2233:4455:6677")]
    public void Addresses_are_uncovered(string message, string address)
    {
        var answer = Parse(message);
        Assert.Equal(StunClass.Success, answer.Class);
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), 32853), answer.Address(StunField.XorMappedAddress));
        Assert.Null(answer.Address(StunField.XorRelayedAddress));
    }

    [Fact]
    public void A_request_with_long_term_credentials_is_made_as_the_standard_makes_it()
    {
        var key = StunMessage.LongTermKey("マトリックス", "example.org", "TheMatrIX");
        var made = new StunRequest(StunMethod.Binding, Bytes(LongTerm).AsSpan(8, 12)).Add(StunField.Username, "マトリックス")
            .Add(StunField.Nonce, "f//499k954d6OL34oL9FSTvy64sA").Add(StunField.Realm, "example.org").Sign(key).ToBytes();
        Assert.Equal(Convert.ToHexStringLower(Bytes(LongTerm)), Convert.ToHexStringLower(made));
        Assert.True(Parse(LongTerm).IsSignedWith(key));
    }

    [Fact]
    public void What_is_made_is_read_again()
    {
        var request = new StunRequest(StunMethod.Allocate, new byte[12]).Add(StunField.Lifetime, 600).Sign("key"u8).AddFingerprint().ToBytes();
        Assert.True(StunMessage.TryParse(request, out var read));
        Assert.True(read.IsSignedWith("key"u8));
        Assert.True(read.HasFingerprint);
        Assert.Equal((StunMethod.Allocate, StunClass.Request), (read.Method, read.Class));
        Assert.True(read.TryFind(StunField.Lifetime, out var lifetime));
        Assert.Equal([0, 0, 2, 88], lifetime.ToArray());
    }

    [Fact]
    public void An_error_has_a_code_and_a_reason()
    {
        var bytes = new StunRequest(StunMethod.Allocate, new byte[12]).Add(StunField.ErrorCode, [0, 0, 4, 1, .. "Unauthorized"u8]).ToBytes();
        (bytes[0], bytes[1]) = (0x01, 0x13);
        Assert.True(StunMessage.TryParse(bytes, out var error));
        Assert.Equal(StunClass.Error, error.Class);
        Assert.Equal((401, "Unauthorized"), error.Error);
    }

    [Fact]
    public void Whatever_is_broken_is_refused_or_known_to_be_broken()
    {
        var good = Bytes(Request);
        for (var length = 0; length < good.Length; length++)
        {
            Assert.False(StunMessage.TryParse(good.AsSpan(0, length), out _));
        }
        for (var i = 0; i < good.Length; i++)
        {
            var bad = (byte[])good.Clone();
            bad[i] ^= 0x40;
            // The checksum, which comes last, is not signed itself.
            Assert.False(StunMessage.TryParse(bad, out var parsed) && parsed.IsSignedWith(_shortTermKey) && parsed.HasFingerprint, $"byte {i}");
        }
    }

    private static StunMessage Parse(string message) => StunMessage.TryParse(Bytes(message), out var parsed) ? parsed : throw new InvalidOperationException("It is no message.");

    private static byte[] Bytes(string message) => Convert.FromHexString(string.Concat(message.Where(char.IsAsciiHexDigit)));
}

using Mimu.Core.Media;
using Xunit;

namespace Mimu.Core.Tests.Media;

/// <summary>What may change on the way, since it means the same, and what can't be read at all.</summary>
public sealed class PresignedSpellingTests
{
    [Theory]
    [InlineData("/mimu/k%33y")]
    [InlineData("/%6D%69%6d%75/k3y")]
    public void A_path_that_was_encoded_more_than_it_need_be_is_the_same(string path)
        => Assert.IsType<SignatureVerified>(S3.Verify(S3.Received(S3.Download) with { RawPath = path }));

    [Fact]
    public void Parameters_may_come_in_any_order()
    {
        var received = S3.Received(S3.Download);

        Assert.IsType<SignatureVerified>(S3.Verify(received with { RawQuery = string.Join('&', received.RawQuery.Split('&').Reverse()) }));
    }

    [Fact]
    public void Parameters_may_be_encoded_in_any_way_that_means_the_same()
    {
        var received = S3.Received(S3.Download);
        string[] same =
        [
            received.RawQuery.Replace("%2F", "/", StringComparison.Ordinal),
            received.RawQuery.Replace("%2F", "%2f", StringComparison.Ordinal).Replace("%3B", "%3b", StringComparison.Ordinal),
            received.RawQuery.Replace("%3B", ";", StringComparison.Ordinal),
            received.RawQuery.Replace("%20", "+", StringComparison.Ordinal),
            received.RawQuery.Replace("X-Amz-Date", "%58-Amz%2DDate", StringComparison.Ordinal),
            "&&" + received.RawQuery + "&",
        ];

        Assert.All(same, query =>
        {
            Assert.NotEqual(received.RawQuery, query);
            Assert.True(S3.Verify(received with { RawQuery = query }) is SignatureVerified, query);
        });
    }

    [Fact]
    public void A_name_without_a_value_has_the_empty_value()
    {
        var received = S3.Received(S3.Download with { Query = [new("uploads", "")] });

        Assert.IsType<SignatureVerified>(S3.Verify(received with { RawQuery = received.RawQuery.Replace("uploads=", "uploads", StringComparison.Ordinal) }));
    }

    [Theory]
    [InlineData("%")]
    [InlineData("%4")]
    [InlineData("%zz")]
    [InlineData("é")]
    [InlineData("\u0000")]
    [InlineData("\ud800")]
    [InlineData(" ")]
    public void What_no_URI_can_have_is_malformed(string text)
    {
        var received = S3.Received(S3.Download);

        S3.Refused(S3.Verify(received with { RawQuery = $"{received.RawQuery}&a={text}" }), SignatureFault.Malformed);
        S3.Refused(S3.Verify(received with { RawQuery = $"{received.RawQuery}&{text}" }), SignatureFault.Malformed);
        S3.Refused(S3.Verify(received with { RawPath = received.RawPath + text }), SignatureFault.Malformed);
    }

    [Fact]
    public void Bytes_that_are_no_text_keep_what_they_are()
    {
        // Decoded as text, both would be U+FFFD.
        var received = S3.Received(S3.Download);
        string Canonical(string value) => S3.Refused(S3.Verify(received with { RawQuery = $"{received.RawQuery}&a={value}" }), SignatureFault.DoesNotMatch).CanonicalRequest!;

        Assert.Contains("&a=%FF&", Canonical("%ff"), StringComparison.Ordinal);
        Assert.Contains("&a=%FE&", Canonical("%fe"), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_too_long_is_not_looked_at()
    {
        var received = S3.Received(S3.Download);

        S3.Refused(S3.Verify(received with { RawQuery = received.RawQuery + "&a=" + new string('a', 4096) }), SignatureFault.Malformed);
        S3.Refused(S3.Verify(received with { RawPath = "/" + new string('a', 4096) }), SignatureFault.Malformed);
    }
}

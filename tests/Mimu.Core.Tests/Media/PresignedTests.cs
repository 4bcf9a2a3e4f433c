using Mimu.Core.Media;
using Xunit;

namespace Mimu.Core.Tests.Media;

public sealed class PresignedTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(0.5)]
    [InlineData(1.5)]
    [InlineData(604_801)]
    public void A_lifetime_out_of_bounds_is_a_bug_of_the_caller(double seconds)
        => Assert.Throws<ArgumentOutOfRangeException>(() => Presigned.PathAndQuery(S3.Upload, S3.Credentials, S3.Now, TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(1)]
    [InlineData(604_800)]
    public void The_shortest_and_the_longest_lifetime_are_fine(int seconds)
    {
        var url = Presigned.PathAndQuery(S3.Upload, S3.Credentials, S3.Now, TimeSpan.FromSeconds(seconds));

        Assert.IsType<SignatureVerified>(S3.Verify(S3.Receive(S3.Upload, url)));
    }

    [Fact]
    public void A_request_that_could_not_be_sent_as_signed_is_a_bug_of_the_caller()
    {
        S3Request[] bad =
        [
            S3.Upload with { Path = "mimu/k3y" },
            S3.Upload with { Path = "" },
            S3.Upload with { Host = "" },
            S3.Upload with { Method = "" },
            S3.Upload with { Headers = [new("Host", S3.Host)] },
            S3.Upload with { Headers = [new("Content-Type", "a/b"), new("content-type", "a/b")] },
            S3.Upload with { Headers = [new("Content-Type", "a/b\r\nx-amz-acl: public-read")] },
            S3.Upload with { Headers = [new("X-Amz-Content-Sha256", SigV4.EmptyPayload)] },
            S3.Upload with { Query = [new("a", "1"), new("a", "2")] },
            S3.Upload with { Query = [new("X-Amz-Expires", "604800")] },
        ];

        Assert.All(bad, request => Assert.Throws<ArgumentException>(() => S3.Url(request)));
    }

    [Theory]
    [InlineData("/mimu/a b+c~d.txt", "/mimu/a%20b%2Bc~d.txt")]
    [InlineData("/mimu/ключ/é", "/mimu/%D0%BA%D0%BB%D1%8E%D1%87/%C3%A9")]
    [InlineData("/mimu/../x//y/.", "/mimu/../x//y/.")]
    [InlineData("/mimu/50%2F", "/mimu/50%252F")]
    [InlineData("/mimu/\"<>!*'();:@&=$,?#[]\n", "/mimu/%22%3C%3E%21%2A%27%28%29%3B%3A%40%26%3D%24%2C%3F%23%5B%5D%0A")]
    public void A_path_is_encoded_once_and_not_tidied(string path, string encoded)
    {
        var request = S3.Download with { Path = path };
        var url = S3.Url(request);

        Assert.Equal(encoded, url[..url.IndexOf('?', StringComparison.Ordinal)]);
        Assert.IsType<SignatureVerified>(S3.Verify(S3.Receive(request, url)));
    }

    [Fact]
    public void Parameters_are_sorted_by_their_encoded_names_and_not_by_what_follows_them()
    {
        var request = S3.Download with { Query = [new("a-b", "1"), new("a", "/ +~é"), new("я", ""), new("B", "")] };
        var url = S3.Url(request);

        Assert.Contains("?%D1%8F=&B=&X-Amz-Algorithm=", url, StringComparison.Ordinal);
        Assert.Contains("&X-Amz-SignedHeaders=host&a=%2F%20%2B~%C3%A9&a-b=1&X-Amz-Signature=", url, StringComparison.Ordinal);
        Assert.IsType<SignatureVerified>(S3.Verify(S3.Receive(request, url)));
    }

    [Fact]
    public void A_value_is_signed_without_the_white_space_that_is_lost_on_the_way()
    {
        var request = S3.Upload with { Headers = [new("Content-Type", "  text/plain;   charset=utf-8\t")] };
        var received = S3.Received(request) with { Headers = [new("content-type", "text/plain; charset=utf-8")] };

        Assert.IsType<SignatureVerified>(S3.Verify(received));
    }

    [Fact]
    public void A_moment_is_signed_in_UTC()
    {
        var elsewhere = S3.Now.ToOffset(TimeSpan.FromHours(-14));

        Assert.Equal(S3.Url(S3.Upload), Presigned.PathAndQuery(S3.Upload, S3.Credentials, elsewhere, S3.Lifetime));
    }

    [Theory]
    [InlineData("", "secret", "us-east-1")]
    [InlineData("a/b", "secret", "us-east-1")]
    [InlineData("a b", "secret", "us-east-1")]
    [InlineData("ключ", "secret", "us-east-1")]
    [InlineData("id", "", "us-east-1")]
    [InlineData("id", "secret", "")]
    [InlineData("id", "secret", "us/east")]
    public void Credentials_that_would_break_the_scope_are_none(string id, string secret, string region)
        => Assert.ThrowsAny<ArgumentException>(() => new S3Credentials(id, secret, region));

    [Fact]
    public void Credentials_do_not_tell_their_secret() => Assert.DoesNotContain("wJalr", $"{S3.Credentials}", StringComparison.Ordinal);
}

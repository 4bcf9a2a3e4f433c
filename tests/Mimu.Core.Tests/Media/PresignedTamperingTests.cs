using Mimu.Core.Media;
using Xunit;

namespace Mimu.Core.Tests.Media;

/// <summary>Whatever is not as it was signed is refused.</summary>
public sealed class PresignedTamperingTests
{
    private const string Others = "Aaz09-.~/%&=+;?# \n\u007fé";

    public static TheoryData<S3Request> Requests { get; } = [S3.Upload, S3.Download];

    [Theory]
    [MemberData(nameof(Requests))]
    public void No_character_of_the_query_can_be_another(S3Request request)
    {
        var received = S3.Received(request);
        var meaning = S3.Meaning(received.RawQuery);
        for (var i = 0; i < received.RawQuery.Length; i++)
        {
            foreach (var c in Others)
            {
                var tampered = received.RawQuery[..i] + c + received.RawQuery[(i + 1)..];
                if (S3.Meaning(tampered) != meaning)
                {
                    Assert.True(S3.Verify(received with { RawQuery = tampered }) is SignatureRefused, tampered);
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void No_character_of_the_query_can_be_left_out_or_doubled(S3Request request)
    {
        var received = S3.Received(request);
        for (var i = 0; i < received.RawQuery.Length; i++)
        {
            var shorter = received.RawQuery.Remove(i, 1);
            var longer = received.RawQuery.Insert(i, received.RawQuery[i].ToString());
            Assert.True(S3.Verify(received with { RawQuery = shorter }) is SignatureRefused, shorter);
            Assert.True(received.RawQuery[i] == '&' || S3.Verify(received with { RawQuery = longer }) is SignatureRefused, longer);
        }
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void No_character_of_the_path_and_the_host_can_be_another(S3Request request)
    {
        var received = S3.Received(request);
        foreach (var c in Others)
        {
            for (var i = 0; i < received.RawPath.Length; i++)
            {
                var path = received.RawPath[..i] + c + received.RawPath[(i + 1)..];
                Assert.Equal(path == received.RawPath, S3.Verify(received with { RawPath = path }) is SignatureVerified);
            }
            for (var i = 0; i < received.Host.Length; i++)
            {
                var host = received.Host[..i] + c + received.Host[(i + 1)..];
                Assert.Equal(host == received.Host, S3.Verify(received with { Host = host }) is SignatureVerified);
            }
        }
    }

    [Theory]
    [InlineData("/mimu/k3y/")]
    [InlineData("//mimu/k3y")]
    [InlineData("/mimu/./k3y")]
    [InlineData("/mimu/x/../k3y")]
    [InlineData("/mimu%2Fk3y")]
    [InlineData("/mimu%2fk3y")]
    [InlineData("/mimu/k3y%00")]
    [InlineData("/mimu/k3%")]
    [InlineData("/mimu/k3%7")]
    [InlineData("/mimu/k3%zz")]
    [InlineData("mimu/k3y")]
    [InlineData("")]
    [InlineData("*")]
    public void Another_path_is_refused(string path) => Assert.IsType<SignatureRefused>(S3.Verify(S3.Received(S3.Download) with { RawPath = path }));

    [Theory]
    [InlineData("GET", SignatureFault.DoesNotMatch)]
    [InlineData("HEAD", SignatureFault.DoesNotMatch)]
    [InlineData("", SignatureFault.DoesNotMatch)]
    [InlineData("put", SignatureFault.Malformed)]
    [InlineData("PUT\n/mimu/k3y", SignatureFault.Malformed)]
    public void Another_method_is_refused(string method, SignatureFault fault) => S3.Refused(S3.Verify(S3.Received(S3.Upload) with { Method = method }), fault);

    [Fact]
    public void No_signed_header_can_be_another()
    {
        var received = S3.Received(S3.Upload);
        foreach (var header in received.Headers)
        {
            foreach (var value in (string[])["", header.Value + "x", header.Value[1..], "x" + header.Value])
            {
                var tampered = received with { Headers = [.. received.Headers.Select(other => other.Key == header.Key ? new(header.Key, value) : other)] };
                S3.Refused(S3.Verify(tampered), SignatureFault.DoesNotMatch);
            }
        }
    }

    [Fact]
    public void A_signed_header_cannot_be_sent_twice()
    {
        var received = S3.Received(S3.Upload);
        foreach (var header in received.Headers)
        {
            S3.Refused(S3.Verify(received with { Headers = [.. received.Headers, header] }), SignatureFault.DoesNotMatch);
            S3.Refused(S3.Verify(received with { Headers = [new(header.Key.ToUpperInvariant(), "x"), .. received.Headers] }), SignatureFault.DoesNotMatch);
        }
    }

    [Fact]
    public void A_line_in_a_value_is_no_line_of_the_text_that_is_signed()
    {
        var received = S3.Received(S3.Upload with { Headers = [new("a", "1"), new("b", "2")] });

        S3.Refused(S3.Verify(received with { Headers = [new("a", "1\nb:2"), new("b", "")] }), SignatureFault.DoesNotMatch);
    }

    [Fact]
    public void Headers_may_come_in_any_order_and_case()
    {
        var received = S3.Received(S3.Upload);

        Assert.IsType<SignatureVerified>(S3.Verify(received with { Headers = [.. received.Headers.Reverse().Select(header => KeyValuePair.Create(header.Key.ToUpperInvariant(), $" {header.Value} "))] }));
    }

    [Theory]
    [InlineData("&extra")]
    [InlineData("&extra=")]
    [InlineData("&=")]
    [InlineData("&response-content-type=text/html")]
    [InlineData("&x-amz-expires=604800")]
    public void A_parameter_that_was_not_signed_is_refused(string more)
    {
        var received = S3.Received(S3.Download);

        S3.Refused(S3.Verify(received with { RawQuery = received.RawQuery + more }), SignatureFault.DoesNotMatch);
    }

    [Theory]
    [InlineData("X-Amz-Expires=600")]
    [InlineData("X-Amz-Expires")]
    [InlineData("X-Amz%2DSignature=0")]
    [InlineData("response-content-disposition=inline")]
    public void A_parameter_that_is_there_twice_is_refused(string twin)
    {
        var received = S3.Received(S3.Download);

        S3.Refused(S3.Verify(received with { RawQuery = $"{twin}&{received.RawQuery}" }), SignatureFault.Malformed);
        S3.Refused(S3.Verify(received with { RawQuery = $"{received.RawQuery}&{twin}" }), SignatureFault.Malformed);
    }
}

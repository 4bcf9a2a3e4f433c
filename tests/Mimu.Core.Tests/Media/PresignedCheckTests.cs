using Mimu.Core.Media;
using Xunit;

namespace Mimu.Core.Tests.Media;

public sealed class PresignedCheckTests
{
    [Fact]
    public void A_presigned_upload_verifies_with_the_names_of_its_headers()
    {
        var verified = Assert.IsType<SignatureVerified>(S3.Verify(S3.Received(S3.Upload)));

        Assert.Equal(["content-length", "content-type", "host", "if-none-match", "x-amz-checksum-sha256"], verified.SignedHeaders);
        Assert.True(verified.Signs("content-length"));
        Assert.False(verified.Signs("range"));
    }

    [Fact]
    public void Headers_that_are_not_signed_are_the_senders_own_word()
        => Assert.IsType<SignatureVerified>(S3.Verify(S3.Received(S3.Download) with { Headers = [new("Range", "bytes=0-9"), new("X-Amzn-Trace-Id", "1")] }));

    [Fact]
    public void The_former_secret_is_good_while_it_is_accepted()
    {
        var present = S3.NewCredentials(secret: "another", id: "another");
        var received = S3.Received(S3.Upload);

        Assert.IsType<SignatureVerified>(PresignedCheck.Verify(received, [present, S3.Credentials], S3.Now));
        S3.Refused(PresignedCheck.Verify(received, [present], S3.Now), SignatureFault.UnknownAccessKey);
        S3.Refused(PresignedCheck.Verify(received, [], S3.Now), SignatureFault.UnknownAccessKey);
    }

    [Fact]
    public void Two_secrets_may_share_an_id()
    {
        var received = S3.Received(S3.Upload);

        Assert.IsType<SignatureVerified>(PresignedCheck.Verify(received, [S3.NewCredentials(secret: "another"), S3.Credentials], S3.Now));
        S3.Refused(PresignedCheck.Verify(received, [S3.NewCredentials(secret: "another")], S3.Now), SignatureFault.DoesNotMatch);
    }

    [Fact]
    public void Another_region_is_named_with_the_one_that_was_expected()
    {
        var refused = S3.Refused(PresignedCheck.Verify(S3.Received(S3.Upload), [S3.NewCredentials(region: "eu-west-1")], S3.Now), SignatureFault.WrongScope);

        Assert.Contains("20261123/eu-west-1/s3/aws4_request", refused.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AKIAIOSFODNN7EXAMPLE%2F20261122%2Fus-east-1%2Fs3%2Faws4_request", SignatureFault.WrongScope)]
    [InlineData("AKIAIOSFODNN7EXAMPLE%2F20261123%2Fus-east-2%2Fs3%2Faws4_request", SignatureFault.WrongScope)]
    [InlineData("AKIAIOSFODNN7EXAMPLE%2F20261123%2Fus-east-1%2Fsts%2Faws4_request", SignatureFault.WrongScope)]
    [InlineData("AKIAIOSFODNN7EXAMPLE%2F20261123%2Fus-east-1%2Fs3%2Faws5_request", SignatureFault.WrongScope)]
    [InlineData("AKIAIOSFODNN7EXAMPLF%2F20261123%2Fus-east-1%2Fs3%2Faws4_request", SignatureFault.UnknownAccessKey)]
    [InlineData("akiaiosfodnn7example%2F20261123%2Fus-east-1%2Fs3%2Faws4_request", SignatureFault.UnknownAccessKey)]
    [InlineData("%2F20261123%2Fus-east-1%2Fs3%2Faws4_request", SignatureFault.Malformed)]
    [InlineData("AKIAIOSFODNN7EXAMPLE%2F20261123%2Fus-east-1%2Fs3", SignatureFault.Malformed)]
    [InlineData("AKIAIOSFODNN7EXAMPLE%2F20261123%2Fus-east-1%2Fs3%2Faws4_request%2F", SignatureFault.Malformed)]
    [InlineData("", SignatureFault.Malformed)]
    public void A_credential_must_be_of_here_and_of_its_day(string credential, SignatureFault fault) => S3.Refused(S3.Verify(With("X-Amz-Credential", credential)), fault);

    [Theory]
    [InlineData("X-Amz-Algorithm", "AWS4-HMAC-SHA1")]
    [InlineData("X-Amz-Algorithm", "aws4-hmac-sha256")]
    [InlineData("X-Amz-Date", "20261123T120000")]
    [InlineData("X-Amz-Date", "2026-11-23T12:00:00Z")]
    [InlineData("X-Amz-Date", "20261323T120000Z")]
    [InlineData("X-Amz-Date", "20261123T246000Z")]
    [InlineData("X-Amz-Date", "+20261123T120000Z")]
    [InlineData("X-Amz-Date", "")]
    [InlineData("X-Amz-Expires", "")]
    [InlineData("X-Amz-Expires", "-1")]
    [InlineData("X-Amz-Expires", "+60")]
    [InlineData("X-Amz-Expires", "60.0")]
    [InlineData("X-Amz-Expires", "60%00")]
    [InlineData("X-Amz-Expires", "%D9%A6%D9%A0")]
    [InlineData("X-Amz-SignedHeaders", "")]
    [InlineData("X-Amz-SignedHeaders", "Host")]
    [InlineData("X-Amz-SignedHeaders", "host%3B")]
    [InlineData("X-Amz-SignedHeaders", "host%3Bhost")]
    [InlineData("X-Amz-SignedHeaders", "host%3Bcontent-type")]
    [InlineData("X-Amz-SignedHeaders", "content-type%0A%3Bhost")]
    [InlineData("X-Amz-Signature", "")]
    public void A_parameter_that_cannot_be_read_is_named(string name, string value)
        => Assert.Contains(name, S3.Refused(S3.Verify(With(name, value)), SignatureFault.Malformed).Detail, StringComparison.Ordinal);

    [Theory]
    [InlineData("0")]
    [InlineData("604801")]
    [InlineData("99999999999999999999999")]
    public void A_lifetime_is_from_one_second_to_seven_days(string seconds) => S3.Refused(S3.Verify(With("X-Amz-Expires", seconds)), SignatureFault.LifetimeOutOfRange);

    [Theory]
    [InlineData("X-Amz-Algorithm")]
    [InlineData("X-Amz-Credential")]
    [InlineData("X-Amz-Date")]
    [InlineData("X-Amz-Expires")]
    [InlineData("X-Amz-SignedHeaders")]
    [InlineData("X-Amz-Signature")]
    public void A_signature_that_lacks_a_part_is_malformed(string name)
    {
        var received = S3.Received(S3.Download);
        var without = string.Join('&', received.RawQuery.Split('&').Where(parameter => !parameter.StartsWith(name + "=", StringComparison.Ordinal)));

        Assert.Contains(name, S3.Refused(S3.Verify(received with { RawQuery = without }), SignatureFault.Malformed).Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&&")]
    [InlineData("a=b")]
    [InlineData("x-amz-signature=00")]
    public void Without_any_part_there_is_no_signature(string query)
        => Assert.Equal("AccessDenied", S3.Refused(S3.Verify(S3.Received(S3.Download) with { RawQuery = query }), SignatureFault.NoSignature).Code);

    [Fact]
    public void It_is_good_from_a_quarter_of_an_hour_before_its_time_until_the_end_of_it()
    {
        var received = S3.Received(S3.Upload);
        SignatureOutcome At(TimeSpan later) => PresignedCheck.Verify(received, [S3.Credentials], S3.Now + later);

        S3.Refused(At(-TimeSpan.FromMinutes(15) - TimeSpan.FromTicks(1)), SignatureFault.NotYetValid);
        Assert.IsType<SignatureVerified>(At(-TimeSpan.FromMinutes(15)));
        Assert.IsType<SignatureVerified>(At(S3.Lifetime));
        S3.Refused(At(S3.Lifetime + TimeSpan.FromTicks(1)), SignatureFault.Expired);
    }

    [Theory]
    [InlineData("00010101T000000Z", SignatureFault.Expired)]
    [InlineData("99991231T235959Z", SignatureFault.NotYetValid)]
    public void The_ends_of_time_are_out_of_time(string date, SignatureFault fault)
    {
        var received = With("X-Amz-Date", date);
        received = received with { RawQuery = received.RawQuery.Replace("%2F20261123%2F", $"%2F{date[..8]}%2F", StringComparison.Ordinal) };

        S3.Refused(S3.Verify(received), fault);
        Assert.IsType<SignatureRefused>(PresignedCheck.Verify(received, [S3.Credentials], DateTimeOffset.MinValue));
        Assert.IsType<SignatureRefused>(PresignedCheck.Verify(received, [S3.Credentials], DateTimeOffset.MaxValue));
    }

    [Fact]
    public void A_signed_header_must_be_sent()
    {
        var received = S3.Received(S3.Upload);
        foreach (var header in received.Headers)
        {
            var refused = S3.Refused(S3.Verify(received with { Headers = [.. received.Headers.Where(other => other.Key != header.Key)] }), SignatureFault.SignedHeaderMissing);
            Assert.Contains(header.Key.ToLowerInvariant(), refused.Detail, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("x-amz-acl")]
    [InlineData("X-Amz-Meta-Colour")]
    [InlineData("X-AMZ-CONTENT-SHA256")]
    [InlineData("x-amz-")]
    public void An_amz_header_that_is_not_signed_is_refused(string name)
    {
        var received = S3.Received(S3.Upload);

        S3.Refused(S3.Verify(received with { Headers = [.. received.Headers, new(name, "x")] }), SignatureFault.HeaderNotSigned);
    }

    [Fact]
    public void The_host_must_be_signed() => S3.Refused(S3.Verify(With("X-Amz-SignedHeaders", "content-type")), SignatureFault.HostNotSigned);

    [Fact]
    public void The_hash_of_a_body_that_nobody_checks_is_refused()
    {
        var received = S3.Received(S3.Upload with { Query = [new("X-Amz-Content-Sha256", SigV4.EmptyPayload)] });
        S3.Refused(S3.Verify(received), SignatureFault.Malformed);

        received = S3.Received(S3.Upload with { Query = [new("X-Amz-Content-Sha256", SigV4.UnsignedPayload)] });
        Assert.IsType<SignatureVerified>(S3.Verify(received));
    }

    [Fact]
    public void Every_fault_has_S3s_word()
    {
        var codes = Enum.GetValues<SignatureFault>().ToDictionary(fault => fault, fault => new SignatureRefused(fault, "").Code);

        Assert.Equal("SignatureDoesNotMatch", codes[SignatureFault.DoesNotMatch]);
        Assert.Equal("RequestTimeTooSkewed", codes[SignatureFault.NotYetValid]);
        Assert.Equal("AccessDenied", codes[SignatureFault.Expired]);
        Assert.Equal("InvalidAccessKeyId", codes[SignatureFault.UnknownAccessKey]);
        Assert.Equal("AuthorizationQueryParametersError", codes[SignatureFault.Malformed]);
    }

    /// <summary>The upload with another value for a parameter that it has.</summary>
    private static ReceivedRequest With(string name, string value)
    {
        var received = S3.Received(S3.Upload);
        return received with { RawQuery = string.Join('&', received.RawQuery.Split('&').Select(parameter => parameter.StartsWith(name + "=", StringComparison.Ordinal) ? $"{name}={value}" : parameter)) };
    }
}

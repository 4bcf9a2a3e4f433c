using System.Security.Cryptography;
using System.Text;
using Mimu.Core.Media;
using Xunit;

namespace Mimu.Core.Tests.Media;

/// <summary>What Amazon has published: Amazon S3 API Reference, "Authenticating Requests" (query, header and POST), all with the same credentials.</summary>
public sealed class SigV4VectorTests
{
    private const string Bucket = "examplebucket.s3.amazonaws.com";
    private static readonly DateTimeOffset _may24 = new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset _newYear = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("20130524", "dbb893acc010964918f1fd433add87c70e8b0db6be30c1fbeafefa5ec6ba8378")]
    [InlineData("20151229", "cbcef1ebeaefc82cce6530b9f0a9ae598846065f5c5bae0674bd5ebc4ba52d28")]
    public void A_day_has_its_key(string day, string key) => Assert.Equal(key, Convert.ToHexStringLower(S3.Credentials.KeyOf(day)));

    [Fact]
    public void A_key_that_was_kept_is_for_its_own_day_only()
    {
        var credentials = S3.NewCredentials();
        var first = credentials.KeyOf("20130524");

        Assert.NotEqual(first, credentials.KeyOf("20151229"));
        Assert.Equal(first, credentials.KeyOf("20130524"));
    }

    [Fact]
    public void The_policy_of_a_form_is_signed_with_the_days_key()
    {
        var policy = """
            { "expiration": "2015-12-30T12:00:00.000Z",
              "conditions": [
                {"bucket": "sigv4examplebucket"},
                ["starts-with", "$key", "user/user1/"],
                {"acl": "public-read"},
                {"success_action_redirect": "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html"},
                ["starts-with", "$Content-Type", "image/"],
                {"x-amz-meta-uuid": "14365123651274"},
                {"x-amz-server-side-encryption": "AES256"},
                ["starts-with", "$x-amz-meta-tag", ""],

                {"x-amz-credential": "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request"},
                {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
                {"x-amz-date": "20151229T000000Z" }
              ]
            }
            """.ReplaceLineEndings("\r\n");
        var signed = Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes(policy)));

        Assert.Equal(
            "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e",
            Convert.ToHexStringLower(HMACSHA256.HashData(S3.Credentials.KeyOf("20151229"), signed)));
    }

    [Fact]
    public void Amazons_presigned_GET_comes_out()
        => Assert.Equal(
            "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z"
            + "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
            Presigned.PathAndQuery(new S3Request("GET", Bucket, "/test.txt"), S3.Credentials, _may24, TimeSpan.FromDays(1)));

    /// <summary>The first is Amazon's, the others were computed by another program.</summary>
    [Theory]
    [InlineData(0, "3bfa292879f6447bbcda7001decf97f4a54dc650c8942174ae0a9121cf58ad04", "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")]
    [InlineData(1, "be62ada90713ef0820e70a153b4338eb2a254a5ef7e145caa66f633f67bf5173", "3e2b4ed1f13807826e02bc6abde71b604bd0ba25f8339e95f51f741ac4f5322b")]
    [InlineData(2, "9921de213a485615cf73cf359c150d551f6b86960418dfe3c7d237a196612381", "de50fe132eab3221f17f037a427dbe5d6ec659b345ea1688081932f12aa4bad6")]
    [InlineData(3, "6e1464dcc3508a3a0ddd28e0daf45a0ab2e0128074aa5aaab4a1878f7763bcd5", "e748b97cba84adb39a4295c8d96cfce8d141a5531b8c4a3893d9fa593920422c")]
    public void A_presigned_request_has_its_text_and_signature(int which, string canonicalHash, string signature)
    {
        var (request, now, seconds) = which switch
        {
            0 => (new S3Request("GET", Bucket, "/test.txt"), _may24, 86_400),
            1 => (new S3Request("PUT", "s3.example.com", "/mimu/abc")
            {
                Headers = [new("Content-Type", "application/octet-stream"), new("Content-Length", "1048576")],
            }, _newYear, 300),
            2 => (new S3Request("PUT", "s3.example.com:9000", "/mimu/abc")
            {
                Headers = [new("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="), new("content-length", "1048576")],
            }, _newYear, 300),
            _ => (new S3Request("GET", "s3.example.com", "/mimu/abc") { Query = [new("response-content-disposition", "attachment")] }, _newYear, 604_800),
        };

        var url = Presigned.PathAndQuery(request, S3.Credentials, now, TimeSpan.FromSeconds(seconds));
        Assert.EndsWith("X-Amz-Signature=" + signature, url, StringComparison.Ordinal);

        Assert.IsType<SignatureVerified>(PresignedCheck.Verify(S3.Receive(request, url), [S3.Credentials], now));
        var refused = S3.Refused(PresignedCheck.Verify(S3.Receive(request, url[..^1]), [S3.Credentials], now), SignatureFault.DoesNotMatch);
        Assert.Equal(canonicalHash, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(refused.CanonicalRequest!))));
    }

    [Fact]
    public void Amazons_GET_of_a_range_comes_out()
    {
        var signed = SignedByHeader.Sign(new S3Request("GET", Bucket, "/test.txt") { Headers = [new("Range", "bytes=0-9")] }, SigV4.EmptyPayload, S3.Credentials, _may24);

        Assert.Equal("/test.txt", signed.PathAndQuery);
        Assert.Equal(
            [
                new("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
                    + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
                new("x-amz-date", "20130524T000000Z"),
                new("x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ],
            signed.Headers);
    }

    [Fact]
    public void Amazons_PUT_comes_out()
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData("Welcome to Amazon S3."u8));
        var request = new S3Request("PUT", Bucket, "/test$file.text")
        {
            Headers = [new("Date", "Fri, 24 May 2013 00:00:00 GMT"), new("x-amz-storage-class", "REDUCED_REDUNDANCY")],
        };

        var signed = SignedByHeader.Sign(request, hash, S3.Credentials, _may24);

        Assert.Equal("/test%24file.text", signed.PathAndQuery);
        Assert.EndsWith("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd", signed.Headers[0].Value, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("lifecycle=", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543")]
    [InlineData("max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7")]
    public void Amazons_GET_with_a_query_comes_out(string query, string signature)
    {
        var request = new S3Request("GET", Bucket, "/")
        {
            Query = [.. query.Split('&').Reverse().Select(parameter => parameter.Split('=')).Select(parameter => KeyValuePair.Create(parameter[0], parameter[1]))],
        };

        var signed = SignedByHeader.Sign(request, SigV4.EmptyPayload, S3.Credentials, _may24);

        Assert.Equal("/?" + query, signed.PathAndQuery);
        Assert.EndsWith("Signature=" + signature, signed.Headers[0].Value, StringComparison.Ordinal);
    }
}

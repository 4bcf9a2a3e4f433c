using Mimu.Core.Media;
using Xunit;

namespace Mimu.Core.Tests.Media;

/// <summary>What Amazon's own client makes of texts that its published examples lack: botocore 1.43.11, S3SigV4QueryAuth and S3SigV4Auth, at <see cref="S3.Now"/>.</summary>
public sealed class SigV4SdkTests
{
    private const string Scope = "AKIAIOSFODNN7EXAMPLE%2F20261123%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20261123T120000Z&X-Amz-Expires=600";
    private const string OddPath = "/mimu/a b+c~é/x$(1)";

    [Fact]
    public void Its_download_of_an_odd_name_verifies_though_its_query_is_not_sorted()
    {
        const string Url = "/mimu/a%20b%2Bc~%C3%A9/x%24%281%29?response-content-disposition=attachment%3B%20filename%3D%22a%20b%2Bc.bin%22&a-b=1&a=%2F&B="
            + $"&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={Scope}&X-Amz-SignedHeaders=host&X-Amz-Signature=847663789b0ed0263897e997c7c763c3f85cc23078af2db778bca51de973e853";
        var request = S3.Download with { Path = OddPath, Query = [.. S3.Download.Query, new("a-b", "1"), new("a", "/"), new("B", "")] };

        Assert.IsType<SignatureVerified>(S3.Verify(S3.Receive(request, Url)));
        Assert.EndsWith(Url[^64..], S3.Url(request), StringComparison.Ordinal);
    }

    [Fact]
    public void Its_upload_with_headers_comes_out()
    {
        const string Url = $"/mimu/k3y?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={Scope}&X-Amz-SignedHeaders=content-type%3Bhost%3Bif-none-match%3Bx-amz-meta-note"
            + "&X-Amz-Signature=dd78bd3fe82b9b919a98033156329fecfc9885409834759b91cdaccfc113480e";
        var request = S3.Upload with { Headers = [new("Content-Type", "application/octet-stream"), new("X-Amz-Meta-Note", "  two   spaces "), new("If-None-Match", "*")] };

        Assert.Equal(Url, S3.Url(request));
        Assert.IsType<SignatureVerified>(S3.Verify(S3.Receive(request, Url)));
    }

    [Fact]
    public void Its_deletion_comes_out()
    {
        var request = new S3Request("DELETE", S3.Host, OddPath) { Query = [new("versionId", "a b")], Headers = [new("x-amz-meta-note", "  two   spaces ")] };

        var signed = SignedByHeader.Sign(request, SigV4.EmptyPayload, S3.Credentials, S3.Now);

        Assert.Equal(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261123/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-meta-note, "
            + "Signature=1dbe8276563b5fb78ad300c66a065068a9e915dc32ac7e7b2212f2af0aad97f9",
            signed.Headers[0].Value);
    }
}

using Mimu.Core.Media;
using Xunit;

namespace Mimu.Core.Tests.Media;

/// <summary>A store, who may sign for it, and an upload and a download as they are meant to be.</summary>
internal static class S3
{
    public const string Host = "s3.example.com:9000";
    public const string Path = "/mimu/k3y";
    public static readonly DateTimeOffset Now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <summary>Those of Amazon's examples.</summary>
    public static readonly S3Credentials Credentials = NewCredentials();

    public static S3Request Upload { get; } = new("PUT", Host, Path)
    {
        Headers =
        [
            new("Content-Length", "1048576"),
            new("Content-Type", "application/octet-stream"),
            new("If-None-Match", "*"),
            new("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ],
    };

    public static S3Request Download { get; } = new("GET", Host, Path) { Query = [new("response-content-disposition", "attachment; filename=\"a b+c.bin\"")] };

    public static S3Credentials NewCredentials(
        string id = "AKIAIOSFODNN7EXAMPLE", string secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", string region = "us-east-1") => new(id, secret, region);

    public static string Url(S3Request request) => Presigned.PathAndQuery(request, Credentials, Now, Lifetime);

    /// <summary>The request as a client would send it that follows the URL.</summary>
    public static ReceivedRequest Receive(S3Request request, string url)
    {
        var question = url.IndexOf('?', StringComparison.Ordinal);
        return new ReceivedRequest(request.Method, url[..question], url[(question + 1)..], request.Host, [.. request.Headers]);
    }

    public static ReceivedRequest Received(S3Request request) => Receive(request, Url(request));

    public static SignatureOutcome Verify(ReceivedRequest request) => PresignedCheck.Verify(request, [Credentials], Now);

    public static SignatureRefused Refused(SignatureOutcome outcome, SignatureFault fault)
    {
        var refused = Assert.IsType<SignatureRefused>(outcome);
        Assert.Equal(fault, refused.Fault);
        return refused;
    }

    /// <summary>The parameters that a query stands for, told by another decoder than the one that is tested; null if it is none.</summary>
    public static string? Meaning(string query)
        => query.Any(c => c is <= ' ' or > '~') ? null : string.Join('\n', query.Split('&').Where(part => part.Length > 0)
            .Select(part => part.Split('=', 2)).Select(part => Decoded(part[0]) + "\0" + Decoded(part.ElementAtOrDefault(1) ?? "")).Order(StringComparer.Ordinal));

    private static string Decoded(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));
}

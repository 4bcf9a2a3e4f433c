using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mimu.Core.Subscriptions.Apple;
using Xunit;

namespace Mimu.Core.Tests.Subscriptions.Apple;

public sealed class AppleRootTests : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose() => _key.Dispose();

    [Fact]
    public void The_pinned_root_is_Apple_Root_CA_G3()
    {
        using var root = AppleRoot.Pinned();
        Assert.Equal("63343ABFB89A6A03EBB57E9B3F5FA7BE7C4F5C756F3017B3A8C488C3653E9179", Convert.ToHexString(SHA256.HashData(root.Certificate.RawData)));
        Assert.Equal("63343ABFB89A6A03EBB57E9B3F5FA7BE7C4F5C756F3017B3A8C488C3653E9179", AppleRoot.PinnedSha256.ToUpperInvariant());
        Assert.Equal("2DC5FC88D2C54B95", root.Certificate.SerialNumber);
        Assert.Null(AppleRoot.Check(root.Certificate.ExportCertificatePem()));
    }

    [Fact]
    public void A_root_is_read_from_PEM_with_whatever_stands_around_it()
    {
        var pem = Pem(isCa: true);
        Assert.Null(AppleRoot.Check(pem));
        using var root = AppleRoot.Parse($"Made for a test\n\n{pem}\n");
        Assert.Equal(X509Certificate2.CreateFromPem(pem).RawData, root.Certificate.RawData);
    }

    [Fact]
    public void What_can_be_no_root_is_told()
    {
        var pem = Pem(isCa: true);
        Assert.StartsWith("has no certificate in it", AppleRoot.Check(""), StringComparison.Ordinal);
        Assert.StartsWith("has no certificate in it", AppleRoot.Check("x"), StringComparison.Ordinal);
        Assert.StartsWith("has no certificate in it", AppleRoot.Check(_key.ExportPkcs8PrivateKeyPem()), StringComparison.Ordinal);
        Assert.StartsWith("has several certificates in it", AppleRoot.Check($"{pem}\n{pem}"), StringComparison.Ordinal);
        Assert.StartsWith("holds a certificate that cannot be read", AppleRoot.Check(pem.Replace("MII", "MIJ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.StartsWith("is not the certificate of a CA", AppleRoot.Check(Pem(isCa: false)), StringComparison.Ordinal);
        Assert.StartsWith("is issued by another one", AppleRoot.Check(Pem(isCa: true, issuer: "CN=B")), StringComparison.Ordinal);
    }

    private string Pem(bool isCa, string issuer = "CN=A")
    {
        using var certificate = AppleAuthority.Issue(new("CN=A"), _key, new(issuer), _key, isCa, null, "2020-01-01/2040-01-01");
        return certificate.ExportCertificatePem();
    }
}

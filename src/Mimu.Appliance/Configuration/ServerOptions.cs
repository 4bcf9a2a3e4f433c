using System.Net;

namespace Mimu.Appliance.Configuration;

/// <summary><c>[server]</c>: where the server listens, what clients see of it, and where its data is.</summary>
internal sealed class ServerOptions
{
    public readonly TlsOptions Tls = new();

    /// <summary>Addresses to listen on, at least one, each readable by <see cref="ListenAddress.Parse"/>. Port 0: any free port.</summary>
    public string[] Listen = ["127.0.0.1:8080"];

    /// <summary>The URL that clients use: scheme, host and port. "": made from the first listen address, see <see cref="MimuOptions.PublicUrl"/>.</summary>
    public string PublicUrl = "";

    /// <summary>The directory of everything that the server keeps. <c>$STATE_DIRECTORY</c> takes the place of this default under systemd.</summary>
    public string DataDir = "./mimu-data";

    /// <summary>Addresses and CIDR ranges of proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed.</summary>
    public string[] TrustedProxies = [];

    /// <summary>Origins of web clients as a browser sends them: <c>https://web.example.org</c>.</summary>
    public string[] CorsOrigins = [];

    /// <summary>How long requests in flight may take to finish after SIGTERM.</summary>
    public TimeSpan ShutdownGrace = TimeSpan.FromSeconds(10);

    /// <summary><see cref="TrustedProxies"/> as networks; a single address is a network of its own.</summary>
    public IPNetwork[] TrustedNetworks => Array.ConvertAll(TrustedProxies, Network.Parse);
}

/// <summary><c>[server.tls]</c>: both files or none.</summary>
internal sealed class TlsOptions
{
    /// <summary>The certificate chain (PEM), the server's own first. "": no TLS.</summary>
    public string CertificateFile = "";

    /// <summary>The private key of the certificate (PEM). "": no TLS.</summary>
    public string KeyFile = "";

    /// <summary>Whether the listen addresses speak TLS.</summary>
    public bool Enabled => CertificateFile.Length > 0;
}

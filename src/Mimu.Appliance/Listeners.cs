using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Gateway;

namespace Mimu.Appliance;

/// <summary>Where and how the server listens.</summary>
internal static class Listeners
{
    /// <summary>How many connections may wait to be accepted. Beyond it the kernel ignores a client, who tries again after a second.</summary>
    private const int Backlog = 4096;

    /// <summary>How long a client may take for its first words, and from the first word of a request to the end of its head.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(15);

    public static void Configure(IWebHostBuilder host, MimuOptions options)
    {
        if (options.Server.Tls.Enabled)
        {
            host.UseKestrelHttpsConfiguration();
        }
        host.ConfigureServices(services => services
            .AddSingleton<IConnectionListenerFactory, FairAccepting>()
            .Configure<SocketTransportOptions>(sockets =>
            {
                sockets.Backlog = Backlog;
                // What follows a read or precedes a write runs where it is: nothing here blocks, and a hop to another thread costs more than the work itself.
                sockets.UnsafePreferInlineScheduling = true;
            }));
        host.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.RequestHeadersTimeout = _patience;
            kestrel.Limits.MaxRequestBodySize = options.Limits.JsonBody;
            foreach (var text in options.Server.Listen)
            {
                Listen(kestrel, ListenAddress.Parse(text), options.Server.Tls);
            }
        });
    }

    private static void Listen(KestrelServerOptions kestrel, ListenAddress address, TlsOptions tls)
    {
        if (IPAddress.TryParse(address.Host, out var ip))
        {
            kestrel.Listen(ip, address.Port, ConfigureTls);
        }
        else
        {
            foreach (var resolved in Dns.GetHostAddresses(address.Host))
            {
                kestrel.Listen(resolved, address.Port, ConfigureTls);
            }
        }

        void ConfigureTls(ListenOptions listener)
        {
            // Without TLS there is no ALPN to choose HTTP/2 by (protocol section 1).
            listener.Protocols = tls.Enabled ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http1;
            if (tls.Enabled)
            {
                var chain = new X509Certificate2Collection();
                chain.ImportFromPemFile(tls.CertificateFile);
                listener.UseHttps(https =>
                {
                    https.ServerCertificate = X509Certificate2.CreateFromPemFile(tls.CertificateFile, tls.KeyFile);
                    https.ServerCertificateChain = chain;
                });
            }
            SocketHandover.Enable(listener, _patience);
        }
    }
}

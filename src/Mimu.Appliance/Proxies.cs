using Microsoft.AspNetCore.HttpOverrides;
using Mimu.Appliance.Configuration;

namespace Mimu.Appliance;

/// <summary>
/// Whose word counts for where a request came from: the client is the last address in X-Forwarded-For that no trusted proxy added (protocol section 14).
/// </summary>
internal static class Proxies
{
    public static void Believe(IApplicationBuilder app, ServerOptions options)
    {
        if (options.TrustedProxies.Length == 0)
        {
            return;
        }
        var forwarded = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto,
            ForwardLimit = null,
        };
        // The framework trusts the loopback by itself; here the settings alone count.
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var network in options.TrustedNetworks)
        {
            forwarded.KnownIPNetworks.Add(network);
        }
        app.UseForwardedHeaders(forwarded);
    }
}

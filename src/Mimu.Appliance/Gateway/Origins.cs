using Mimu.Appliance.Configuration;
using Mimu.Appliance.Server;

namespace Mimu.Appliance.Gateway;

/// <summary>
/// Which web pages may open sockets. Browsers keep no page from doing so and say where it is from (RFC 6455 section 10.2); what is no browser says nothing.
/// </summary>
internal sealed class Origins(MimuOptions options, ServerDescription server)
{
    private readonly HashSet<string> _allowed = new(options.Server.CorsOrigins, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the page may: one of <c>server.cors_origins</c>, or one that came from this very server.</summary>
    public bool Admit(HttpContext http) =>
        http.Request.Headers.Origin is not [{ } origin]
            ? http.Request.Headers.Origin.Count == 0
            : _allowed.Contains(origin) || IsSame(origin, $"{http.Request.Scheme}://{http.Request.Host}")
                // Behind a proxy the server may be asked by another name than browsers know.
                || IsSame(origin, new Uri(server.Url).GetLeftPart(UriPartial.Authority));

    private static bool IsSame(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}

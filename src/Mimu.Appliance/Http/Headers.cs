namespace Mimu.Appliance.Http;

/// <summary>What every answer says to browsers and caches: nothing here is a page, and nothing is for keeping.</summary>
internal static class Headers
{
    public static Task AddAsync(HttpContext http, RequestDelegate next)
    {
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return next(http);
    }
}

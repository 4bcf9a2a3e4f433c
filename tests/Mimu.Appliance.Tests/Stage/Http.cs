using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Mimu.Appliance.Tests.Stage;

/// <summary>Calls to one server with one token, or with none.</summary>
internal sealed class Http(Uri address, string? token)
{
    /// <summary>One for all: connections are pooled by address.</summary>
    private static readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false })
    {
        Timeout = TimeSpan.FromSeconds(60),
    };

    /// <summary>The same server with another token.</summary>
    public Http With(string? other) => new(address, other);

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, content: null);

    public Task<Answer> PostAsync(string path, JsonNode body) => PostAsync(path, body.ToJsonString());

    public Task<Answer> PostAsync(string path, string body, string contentType = "application/json") => PostAsync(path, Encoding.UTF8.GetBytes(body), contentType);

    public Task<Answer> PostAsync(string path, byte[] body, string? contentType = "application/json") =>
        SendAsync(HttpMethod.Post, path, new ByteArrayContent(body) { Headers = { ContentType = contentType is null ? null : MediaTypeHeaderValue.Parse(contentType) } });

    /// <summary>A POST that says all by its path.</summary>
    public Task<Answer> PostAsync(string path) => SendAsync(HttpMethod.Post, path, content: null);

    public Task<Answer> PutAsync(string path, JsonNode? body = null) => SendAsync(HttpMethod.Put, path, Content(body));

    public Task<Answer> PatchAsync(string path, JsonNode body) => SendAsync(HttpMethod.Patch, path, Content(body));

    public Task<Answer> DeleteAsync(string path, JsonNode? body = null) => SendAsync(HttpMethod.Delete, path, Content(body));

    private static StringContent? Content(JsonNode? body) => body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");

    public async Task<Answer> SendAsync(HttpMethod method, string path, HttpContent? content, Action<HttpRequestMessage>? changes = null)
    {
        // The path goes out as it is written, with whatever escapes it has.
        using var request = new HttpRequestMessage(method, new Uri(address.GetLeftPart(UriPartial.Authority) + path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        request.Content = content;
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {token}");
        }
        // A body that is refused for its size need not be sent: the server cuts the connection, which would take the answer with it.
        request.Headers.ExpectContinue = content?.Headers.ContentLength > 1 << 20;
        changes?.Invoke(request);
        using var response = await Deadline.For($"an answer to {method} {path}", _client.SendAsync(request));
        return await Answer.ReadAsync($"{method} {path}", response);
    }
}

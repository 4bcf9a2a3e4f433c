using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Media;

/// <summary>What people do with files (protocol section 8).</summary>
internal static class Uploads
{
    private static readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false });

    public static Task<Answer> TryRequestUploadAsync(this Person person, long size, string? contentType = null, byte[]? sha256 = null)
    {
        var body = new JsonObject { ["size"] = size };
        if (contentType is not null)
        {
            body["content_type"] = contentType;
        }
        if (sha256 is not null)
        {
            body["sha256"] = Convert.ToBase64String(sha256);
        }
        return person.Http.PostAsync("/api/v1/media/upload", body);
    }

    public static async Task<JsonObject> RequestUploadAsync(this Person person, long size, string? contentType = null, byte[]? sha256 = null) =>
        (await person.TryRequestUploadAsync(size, contentType, sha256)).Expect(201);

    /// <summary>Uploads a file, and tells its key.</summary>
    public static async Task<string> UploadAsync(this Person person, byte[] content, string? contentType = null)
    {
        var upload = await person.RequestUploadAsync(content.Length, contentType);
        var answer = await upload.PutAsync(content);
        Assert.True(answer.Status == 200, $"The upload was answered with {answer.Status} {answer.Text}");
        return (string)upload["file_key"]!;
    }

    /// <summary>Follows the answer of 8.1 as any client would.</summary>
    public static Task<Answer> PutAsync(this JsonObject upload, byte[] content, Action<HttpRequestMessage>? changes = null) =>
        SendAsync(new HttpMethod((string)upload["method"]!), (string)upload["upload_url"]!, request =>
        {
            request.Content = new ByteArrayContent(content);
            foreach (var (name, value) in upload["headers"]!.AsObject().Where(header => header.Key is not "Content-Length"))
            {
                if (!request.Headers.TryAddWithoutValidation(name, (string)value!))
                {
                    request.Content.Headers.TryAddWithoutValidation(name, (string)value!);
                }
            }
            changes?.Invoke(request);
        });

    public static Task<Answer> TryGetFileAsync(this Person person, string key) => person.Http.GetAsync($"/api/v1/media/{key}");

    public static async Task<string> DownloadUrlAsync(this Person person, string key) => (string)(await person.TryGetFileAsync(key)).Expect(200)["download_url"]!;

    public static Task<Answer> FetchAsync(string url, Action<HttpRequestMessage>? changes = null) => SendAsync(HttpMethod.Get, url, changes);

    public static async Task<long> StorageUsedAsync(this Person person) => (long)(await person.Http.GetAsync("/users/me")).Expect(200)["storage_used"]!;

    /// <summary>The path goes out as it is written, with whatever escapes it has.</summary>
    public static async Task<Answer> SendAsync(HttpMethod method, string url, Action<HttpRequestMessage>? changes = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(url, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        changes?.Invoke(request);
        using var response = await Deadline.For($"an answer to {method} {url}", _client.SendAsync(request));
        return await Answer.ReadAsync($"{method} {url}", response);
    }

    /// <summary>An error as S3 tells it, with everything that each must have and nothing that none may.</summary>
    public static string ExpectS3(this Answer answer, int status, string code)
    {
        Assert.True(answer.Status == status, $"expected {status} {code}, was answered with {answer.Status} {answer.Text}");
        Assert.Equal("application/xml", answer.ContentType);
        var error = XDocument.Parse(answer.Text).Root!;
        Assert.Equal("Error", error.Name.LocalName);
        Assert.Equal(code, (string?)error.Element("Code"));
        Assert.Equal(["Code", "Message", "RequestId"], error.Elements().Select(element => element.Name.LocalName));
        Assert.NotEmpty((string)error.Element("Message")!);
        Assert.NotEmpty((string)error.Element("RequestId")!);
        return (string)error.Element("Message")!;
    }

    /// <summary>The four bytes that most of these tests store.</summary>
    public static void Expect4(this Answer answer) => Assert.Equal((200, "\u0001\u0002\u0003\u0004"), (answer.Status, answer.Text));

    public static void Range(this HttpRequestMessage request, string range) => request.Headers.TryAddWithoutValidation("Range", range);

    public static MediaTypeHeaderValue Type(string text) => MediaTypeHeaderValue.Parse(text);
}

using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using NSec.Cryptography;

namespace Mimu.Bench.Server;

/// <summary>An account that the bench made.</summary>
/// <param name="Number">Its number among the accounts of this scenario.</param>
/// <param name="UserId">Section 2.1.</param>
/// <param name="Token">The access token: good for 15 minutes, longer than any scenario runs.</param>
internal sealed record Account(int Number, string UserId, string Token);

/// <summary>A file that may be uploaded.</summary>
/// <param name="FileKey">Its name.</param>
/// <param name="PathAndQuery">Where, signed.</param>
/// <param name="Headers">What must go along.</param>
internal sealed record Upload(string FileKey, string PathAndQuery, IReadOnlyDictionary<string, string> Headers);

/// <summary>Set-up over HTTP. Nothing here is measured, so it is written plainly.</summary>
internal sealed class Api : IDisposable
{
    public const string Password = "correct horse battery staple";
    private const int AtOnce = 32;
    private readonly SocketsHttpHandler _handler = new() { AllowAutoRedirect = false, UseProxy = false, MaxConnectionsPerServer = AtOnce };
    private readonly HttpClient _http;

    public Api(IPEndPoint server)
        => _http = new HttpClient(_handler) { BaseAddress = new Uri($"http://{server}"), Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>The name of the account with that number.</summary>
    public static string NameOf(int number) => $"bench{number}";

    /// <summary>Section 2.1, many at once.</summary>
    public Task<Account[]> RegisterAsync(int count) => ManyAsync(count, RegisterOneAsync);

    /// <summary>Section 4.1: one chat for each entry, made by its creator.</summary>
    public Task<string[]> CreateChatsAsync(IReadOnlyList<(Account Creator, Account[] Others)> chats)
        => ManyAsync(chats.Count, async number =>
        {
            (Account creator, Account[] others) = chats[number];
            object body = new { participant_ids = others.Select(account => account.UserId), type = others.Length == 1 ? "direct" : "group" };
            JsonElement chat = await SendAsync(HttpMethod.Post, "/api/v1/chats", creator.Token, body);
            return chat.GetProperty("chat_id").GetString()!;
        });

    /// <summary>Section 6: where each account's stream ends now.</summary>
    public Task<string[]> CursorsAsync(IReadOnlyList<Account> accounts)
        => ManyAsync(accounts.Count, async number =>
        {
            JsonElement sync = await SendAsync(HttpMethod.Get, "/api/v1/sync", accounts[number].Token, null);
            return sync.GetProperty("cursor").GetString()!;
        });

    /// <summary>Section 8.1.</summary>
    public Task<Upload[]> RequestUploadsAsync(Account owner, long size, int count) => ManyAsync(count, async _ =>
    {
        JsonElement upload = await SendAsync(HttpMethod.Post, "/api/v1/media/upload", owner.Token, new { size });
        return new Upload(upload.GetProperty("file_key").GetString()!, new Uri(upload.GetProperty("upload_url").GetString()!).PathAndQuery,
            upload.GetProperty("headers").EnumerateObject().ToDictionary(header => header.Name, header => header.Value.GetString()!));
    });

    /// <summary>Section 8.3: where the files are fetched.</summary>
    public Task<string[]> RequestDownloadsAsync(Account reader, IReadOnlyList<Upload> files) => ManyAsync(files.Count, async number =>
    {
        JsonElement file = await SendAsync(HttpMethod.Get, $"/api/v1/media/{files[number].FileKey}", reader.Token, null);
        return new Uri(file.GetProperty("download_url").GetString()!).PathAndQuery;
    });

    /// <summary>Section 8.3.</summary>
    public Task DeleteFilesAsync(Account owner, IReadOnlyList<Upload> files) =>
        ManyAsync(files.Count, number => SendAsync(HttpMethod.Delete, $"/api/v1/media/{files[number].FileKey}", owner.Token, null));

    /// <summary>Section 11.1: what each account registers for pushes.</summary>
    public Task RegisterForPushAsync(IReadOnlyList<(Account Owner, object Registration)> all) =>
        ManyAsync(all.Count, number => SendAsync(HttpMethod.Post, "/api/v1/notifications/devices", all[number].Owner.Token, all[number].Registration));

    /// <summary>Section 5.1.</summary>
    public Task SendMessageAsync(Account sender, string chat, string payload) =>
        SendAsync(HttpMethod.Post, "/api/v1/messages", sender.Token, new { chat_id = chat, encrypted_payload = payload, message_type = "text" });

    public void Dispose()
    {
        _http.Dispose();
        _handler.Dispose();
    }

    private static async Task<T[]> ManyAsync<T>(int count, Func<int, Task<T>> one)
    {
        var results = new T[count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce };
        await Parallel.ForAsync(0, count, options, async (number, _) => results[number] = await one(number));
        return results;
    }

    private async Task<Account> RegisterOneAsync(int number)
    {
        using var signing = Key.Create(SignatureAlgorithm.Ed25519);
        using var identity = Key.Create(KeyAgreementAlgorithm.X25519);
        using var prekey = Key.Create(KeyAgreementAlgorithm.X25519);
        byte[] publicPrekey = prekey.PublicKey.Export(KeyBlobFormat.RawPublicKey);
        object body = new
        {
            public_id = NameOf(number),
            password = Password,
            identity_key = Convert.ToBase64String(identity.PublicKey.Export(KeyBlobFormat.RawPublicKey)),
            signing_public_key = Convert.ToBase64String(signing.PublicKey.Export(KeyBlobFormat.RawPublicKey)),
            signed_prekey = new
            {
                key_id = 1,
                public_key = Convert.ToBase64String(publicPrekey),
                signature = Convert.ToBase64String(SignatureAlgorithm.Ed25519.Sign(signing, publicPrekey)),
            },
        };
        JsonElement answer = await SendAsync(HttpMethod.Post, "/auth/register", null, body);
        return new Account(number, answer.GetProperty("user_id").GetString()!, answer.GetProperty("access_token").GetString()!);
    }

    private async Task<JsonElement> SendAsync(HttpMethod method, string path, string? token, object? body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (body is not null)
            request.Content = JsonContent.Create(body, new MediaTypeHeaderValue("application/json"));
        using HttpResponseMessage response = await _http.SendAsync(request);
        string text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new BenchException($"{method} {path} was answered with {(int)response.StatusCode}: {text}");
        return text.Length == 0 ? default : JsonDocument.Parse(text).RootElement;
    }
}

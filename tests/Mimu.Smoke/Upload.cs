using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Mimu.Smoke;

/// <summary>An upload as its client knows it: what the server told (protocol 8.1), and the bytes.</summary>
internal sealed class Upload(JsonNode told, byte[] content)
{
    public string Key { get; } = (string)told["file_key"]!;

    public byte[] Content => content;

    public string Target { get; } = new Uri((string)told["upload_url"]!).PathAndQuery;

    /// <summary>Lines, each with its end. The host is the one that was signed, wherever the server has got to since.</summary>
    public string Headers { get; } = $"Host: {new Uri((string)told["upload_url"]!).Authority}\r\n"
        + string.Concat(told["headers"]!.AsObject().Select(header => $"{header.Key}: {(string)header.Value!}\r\n"));

    public byte[] Head => RawHttp.Head("PUT", Target, Headers);

    public static async Task<Upload> AskAsync(Client client, int size, bool tellsChecksum = false)
    {
        var content = RandomNumberGenerator.GetBytes(size);
        return new Upload(await client.RequestUploadAsync(size, tellsChecksum ? SHA256.HashData(content) : null), content);
    }

    /// <summary>Sends all of it.</summary>
    public async Task<RawAnswer?> PutAsync(Uri server)
    {
        using var http = await RawHttp.ConnectAsync(server);
        await http.WriteAsync(Head);
        await http.WriteAsync(content);
        return await http.ReadAnswerAsync();
    }

    /// <summary>Fetches it by a URL that the server gave.</summary>
    public static Task<RawAnswer> FetchAsync(JsonNode file)
    {
        var url = new Uri((string)file["download_url"]!);
        return RawHttp.AskAsync(url, "GET", url.PathAndQuery);
    }
}

using System.Buffers;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Mimu.Appliance.Admin;
using Mimu.Appliance.Auth;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Http;
using Mimu.Appliance.Media;
using Mimu.Core;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Cli.Admin;

/// <summary>The way to the administrator's verbs: through the running server, or, while none runs, straight to the data.</summary>
internal static class Door
{
    /// <summary>What the verb at this path answers: JSON.</summary>
    /// <exception cref="StorageRefusedException">No server listens, and the data can't be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The server is another user's.</exception>
    /// <exception cref="HttpRequestException">The server stopped in the middle of it.</exception>
    public static async Task<Result<byte[]>> AskAsync(MimuOptions options, string path, byte[] request, CancellationToken cancellation) =>
        await AdminSocket.TryConnectAsync(options.AdminSocketPath, cancellation) is { } socket
            ? await AskServerAsync(socket, path, request, cancellation)
            : await DoAsync(options, path, request, cancellation);

    private static async Task<Result<byte[]>> AskServerAsync(Socket socket, string path, byte[] request, CancellationToken cancellation)
    {
        using var http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            ConnectCallback = (_, _) => new(new NetworkStream(socket, ownsSocket: true)),
        });
        using var content = new ByteArrayContent(request) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var response = await http.PostAsync(new Uri($"http://mimu{path}"), content, cancellation);
        var answer = await response.Content.ReadAsByteArrayAsync(cancellation);
        return response.IsSuccessStatusCode ? answer : ReadProblem(answer);
    }

    /// <summary>The lock of the data directory keeps a server from starting meanwhile.</summary>
    private static async Task<Result<byte[]>> DoAsync(MimuOptions options, string path, byte[] request, CancellationToken cancellation)
    {
        await using var backend = Backend.Open(options);
        var clock = TimeProvider.System;
        var tokens = new AccessTokens(KeyFile.OfTokens(options.Server.DataDir).ReadOrCreate(), options.Auth.ToSessionSettings(), clock);
        var verb = new AdminVerbs(backend.Database, new TokenKeys(options, tokens, clock), new MediaKeyChange(options, new MediaKeys(options), clock), clock).Find(path)
            ?? throw new InvalidOperationException($"There is no verb {path}.");
        if (!JsonText.TryParse(new ReadOnlySequence<byte>(request), out var document, out var reason))
        {
            throw new InvalidOperationException(reason);
        }
        using (document)
        {
            return JsonText.Read(document.RootElement, fields => verb(fields)).Succeeded(out var work, out var fault) ? await work(cancellation) : fault;
        }
    }

    private static Error ReadProblem(byte[] answer)
    {
        using var document = JsonDocument.Parse(answer);
        var problem = document.RootElement;
        return problem.TryGetProperty("errors", out var errors)
            ? new ValidationFailed(errors.EnumerateObject().SelectMany(member => member.Value.EnumerateArray().Select(sentence => new Fault(member.Name, sentence.GetString()!))).ToList())
            : new Error(Text("code"), Text("title"), Text("detail"));

        string Text(string name) => problem.GetProperty(name).GetString()!;
    }
}

using System.Buffers;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Mimu.Appliance.Admin;
using Mimu.Appliance.Auth;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Http;
using Mimu.Appliance.Media;
using Mimu.Appliance.Push;
using Mimu.Appliance.Sync;
using Mimu.Core;
using Mimu.Core.Events;
using Mimu.Core.Push;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;
using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Cli.Admin;

/// <summary>The way to the administrator's verbs: through the running server, or, while none runs, straight to the data.</summary>
internal sealed class Door : IAsyncDisposable
{
    private readonly HttpClient? _server;
    private readonly Backend? _backend;
    private readonly AdminVerbs? _verbs;
    private readonly ServiceProvider? _senders;

    /// <param name="options">The settings; the first connection is made already.</param>
    /// <param name="first">That connection.</param>
    private Door(MimuOptions options, Socket first)
    {
        var unused = first;
        _server = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            ConnectCallback = async (_, cancellation) =>
            {
                var socket = Interlocked.Exchange(ref unused, null) ?? await AdminSocket.TryConnectAsync(options.AdminSocketPath, cancellation)
                    ?? throw new IOException("It does not listen any more.");
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            // Files of any size are copied; who has no patience presses Ctrl-C, which ends the work.
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    private Door(MimuOptions options, Backend backend)
    {
        _backend = backend;
        var clock = TimeProvider.System;
        var tokens = new AccessTokens(KeyFile.OfTokens(options.Server.DataDir).ReadOrCreate(), options.Auth.ToSessionSettings(), clock);
        _verbs = new AdminVerbs(backend.Database, new TokenKeys(options, tokens, clock), new MediaKeyChange(options, new MediaKeys(options), clock), new MediaVerbs(backend, options, clock),
            new PushVerbs(backend.Database, () => _senders!.GetServices<IPushSender>(), new PushCounts(), clock), SubscriptionVerbsOf(backend, options, clock), clock);
        var services = new ServiceCollection();
        services.AddSingleton(clock);
        services.AddSingleton(backend.Database);
        services.AddPushSenders(options);
        _senders = services.BuildServiceProvider();
    }

    private static SubscriptionVerbs SubscriptionVerbsOf(Backend backend, MimuOptions options, TimeProvider clock)
    {
        var subscribers = new Subscribers(options.Subscriptions.Mode, clock);
        return new SubscriptionVerbs(new GrantPremium(backend.Database, new SubscriptionNews(new EventWriter(new EventJson(), clock), subscribers, clock), subscribers, clock));
    }

    /// <summary>Whether a server runs.</summary>
    public bool IsServer => _server is not null;

    /// <summary>Without a server it takes the data directory, whose lock keeps one from starting until this is disposed of.</summary>
    /// <exception cref="StorageRefusedException">No server listens, and the data can't be opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The server is another user's.</exception>
    public static async Task<Door> OpenAsync(MimuOptions options, CancellationToken cancellation)
    {
        if (await AdminSocket.TryConnectAsync(options.AdminSocketPath, cancellation) is { } socket)
        {
            return new Door(options, socket);
        }
        var backend = Backend.Open(options);
        try
        {
            return new Door(options, backend);
        }
        catch
        {
            await backend.DisposeAsync();
            throw;
        }
    }

    /// <summary>What the verb at this path answers: JSON.</summary>
    /// <exception cref="HttpRequestException">The server stopped in the middle of it.</exception>
    public Task<Result<byte[]>> AskAsync(string path, byte[] request, CancellationToken cancellation) =>
        _server is null ? DoAsync(_verbs!, path, request, cancellation) : AskServerAsync(_server, path, request, cancellation);

    public async ValueTask DisposeAsync()
    {
        _server?.Dispose();
        if (_backend is not null)
        {
            await _senders!.DisposeAsync();
            await _backend.DisposeAsync();
        }
    }

    private static async Task<Result<byte[]>> AskServerAsync(HttpClient server, string path, byte[] request, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(request) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var response = await server.PostAsync(new Uri($"http://mimu{path}"), content, cancellation);
        var answer = await response.Content.ReadAsByteArrayAsync(cancellation);
        return response.IsSuccessStatusCode ? answer : ReadProblem(answer);
    }

    private static async Task<Result<byte[]>> DoAsync(AdminVerbs verbs, string path, byte[] request, CancellationToken cancellation)
    {
        var verb = verbs.Find(path) ?? throw new InvalidOperationException($"There is no verb {path}.");
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

using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mimu.PushStandIns;

/// <summary>
/// An outside service on loopback that speaks the real protocol, looks at what it gets as closely as the real one or more so, and can be told to fail. What is wrong with a request is
/// refused as the real service refuses it, and stands in <see cref="Faults"/>.
/// </summary>
public abstract class StandIn : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, IConnectionLifetimeNotificationFeature> _lifetimes = new(StringComparer.Ordinal);
    private readonly WebApplication _app;
    private int _openConnections;

    private protected StandIn(HttpProtocols protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listener =>
        {
            listener.Protocols = protocols;
            listener.Use(CountAsync);
        }));
        _app = builder.Build();
        _app.Run(ServeAsync);
    }

    /// <summary>Where it is: scheme, host and port.</summary>
    public Uri Endpoint { get; private set; } = null!;

    /// <summary>Connections on which something may still come or be looked at.</summary>
    public int OpenConnections => Volatile.Read(ref _openConnections);

    /// <summary>What times in tokens are compared with.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Every answer waits for this.</summary>
    public Task Hold { get; set; } = Task.CompletedTask;

    /// <summary>What was wrong with requests.</summary>
    public ConcurrentQueue<string> Faults { get; } = new();

    /// <summary>Takes no more requests on the connections that brought some, and says so (HTTP/2's GOAWAY); what is under way is answered.</summary>
    public void CloseConnections()
    {
        foreach (var id in _lifetimes.Keys)
        {
            if (_lifetimes.TryRemove(id, out var lifetime))
            {
                lifetime.RequestClose();
            }
        }
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _app.DisposeAsync();
    }

    private protected async Task OpenAsync()
    {
        await _app.StartAsync();
        Endpoint = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    /// <summary>What it answers. Called from any thread.</summary>
    private protected abstract StandInAnswer Decide(ReceivedRequest request);

    private protected virtual void Enter(ReceivedRequest request)
    {
    }

    private protected virtual void Exit(ReceivedRequest request, StandInAnswer answer)
    {
    }

    private protected StandInAnswer Refuse(string fault, StandInAnswer answer)
    {
        Faults.Enqueue(fault);
        return answer;
    }

    private async Task CountAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        Interlocked.Increment(ref _openConnections);
        try
        {
            await next(connection);
        }
        finally
        {
            Interlocked.Decrement(ref _openConnections);
        }
    }

    private async Task ServeAsync(HttpContext http)
    {
        _lifetimes.TryAdd(http.Connection.Id, http.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>());
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var request = new ReceivedRequest(TimeProvider.System.GetUtcNow(), http.Request.Method, $"{http.Request.Path}{http.Request.QueryString}", http.Request.Protocol, http.Connection.Id,
            http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray());
        Enter(request);
        var answer = StandInAnswer.Silence;
        try
        {
            answer = Decide(request);
            await Hold.WaitAsync(http.RequestAborted);
            if (answer == StandInAnswer.Silence)
            {
                await Task.Delay(Timeout.Infinite, http.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
        finally
        {
            Exit(request, answer);
        }
        http.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
        {
            http.Response.Headers[name] = value;
        }
        if (answer.Body.Length > 0)
        {
            await http.Response.WriteAsync(answer.Body);
        }
    }
}

/// <summary>A request that came.</summary>
/// <param name="At">When.</param>
/// <param name="Method">HTTP's method.</param>
/// <param name="Target">Path and query.</param>
/// <param name="Protocol"><c>HTTP/1.1</c> or <c>HTTP/2</c>.</param>
/// <param name="Connection">On which connection.</param>
/// <param name="Headers">The headers; their names in any case.</param>
/// <param name="Body">The body.</param>
public sealed record ReceivedRequest(
    DateTimeOffset At, string Method, string Target, string Protocol, string Connection, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    /// <summary>A header; "" if there is none.</summary>
    public string Header(string name) => Headers.GetValueOrDefault(name, "");
}

/// <summary>What a stand-in answers.</summary>
/// <param name="Status">HTTP's status.</param>
/// <param name="Body">The body.</param>
/// <param name="Headers">Headers.</param>
public sealed record StandInAnswer(int Status, string Body = "", params (string Name, string Value)[] Headers)
{
    /// <summary>No answer at all, until the caller gives up.</summary>
    public static StandInAnswer Silence { get; } = new(0);
}

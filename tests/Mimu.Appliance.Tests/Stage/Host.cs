using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Server;

namespace Mimu.Appliance.Tests.Stage;

/// <summary>
/// A whole server: Kestrel on a free port, SQLite in a directory of its own. As a class fixture it serves all tests of a class, so
/// people get names that are theirs alone; <see cref="Start"/> makes one with other settings.
/// </summary>
public class Host : IAsyncLifetime
{
    private readonly MimuOptions _options;
    private readonly TimeProvider _clock;
    private readonly TimeProvider? _writerClock;
    private readonly bool _ownsDirectory;
    private Backend? _backend;
    private WebApplication? _app;
    private int _people;

    public Host()
        : this(null)
    {
    }

    /// <param name="settings">Changes to the settings.</param>
    /// <param name="clock">Null for the system's.</param>
    /// <param name="dataDirectory">One that another server has left; null for a new one.</param>
    /// <param name="writerClock">What the database's writer measures by how far it is behind; null for the system's clock.</param>
    internal Host(Action<MimuOptions>? settings, TimeProvider? clock = null, string? dataDirectory = null, TimeProvider? writerClock = null)
    {
        _writerClock = writerClock;
        _ownsDirectory = dataDirectory is null;
        _clock = clock ?? TimeProvider.System;
        _options = new MimuOptions();
        _options.Server.Listen = ["127.0.0.1:0"];
        _options.Server.DataDir = dataDirectory ?? Directory.CreateTempSubdirectory("mimu-host-").FullName;
        _options.Database.Synchronous = Synchronous.Normal;
        _options.Log.Level = LogLevel.Error;
        // As cheap as Argon2id can be (RFC 9106 section 3.1); what it is worth is tested in Core.
        _options.Auth.Argon2Memory = 8 << 10;
        _options.Auth.Argon2Iterations = 1;
        // What is limited is tested in Limits; elsewhere people do as much as a test needs.
        _options.Limits.Rates.Enabled = false;
        settings?.Invoke(_options);
    }

    internal MimuOptions Options => _options;

    internal string DataDirectory => _options.Server.DataDir;

    internal Uri Address { get; private set; } = null!;

    internal IServiceProvider Services => _app!.Services;

    /// <summary>Calls without a token.</summary>
    internal Http Anonymous { get; private set; } = null!;

    internal static async Task<Host> Start(
        Action<MimuOptions>? settings = null, TimeProvider? clock = null, string? dataDirectory = null, TimeProvider? writerClock = null)
    {
        var host = new Host(settings, clock, dataDirectory, writerClock);
        await host.InitializeAsync();
        return host;
    }

    public async Task InitializeAsync()
    {
        _backend = Backend.Open(_options, _writerClock);
        _app = Appliance.Build(_options, () => _backend, _clock);
        await _app.StartAsync();
        Address = new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        _app.Services.GetRequiredService<ServerDescription>().BoundPort = Address.Port;
        Anonymous = new Http(Address, token: null);
    }

    /// <summary>Somebody who has just registered. The name is made unique; <see cref="Person.PublicId"/> tells it.</summary>
    internal async Task<Person> RegisterAsync(string name, Action<Registration>? changes = null)
    {
        var registration = new Registration($"{name}_{Interlocked.Increment(ref _people)}");
        changes?.Invoke(registration);
        var answer = await Anonymous.PostAsync("/auth/register", registration.Body);
        return new Person(this, registration, answer.Expect(201));
    }

    /// <summary>Looks into the database behind the server's back, or changes what no route can change yet.</summary>
    internal object? Sql(string sql, params (string Name, object Value)[] parameters)
    {
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _options.DatabasePath, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of the tests
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value);
        }
        return command.ExecuteScalar();
    }

    /// <summary>Takes the database from under the server.</summary>
    internal ValueTask CloseDatabaseAsync() => _backend!.DisposeAsync();

    /// <summary>Stops the server and waits until it has.</summary>
    internal Task StopAsync() => Deadline.For("the server to stop", _app!.StopAsync());

    public async Task DisposeAsync()
    {
        if (_app is not null)
        {
            await Deadline.For("the server to stop", _app.DisposeAsync().AsTask(), TimeSpan.FromSeconds(40));
        }
        if (_backend is not null)
        {
            await _backend.DisposeAsync();
        }
        if (_ownsDirectory)
        {
            Directory.Delete(DataDirectory, recursive: true);
        }
    }
}

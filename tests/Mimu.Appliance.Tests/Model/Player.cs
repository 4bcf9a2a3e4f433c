using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Mimu.Appliance.Messages;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Model;

/// <summary>
/// Does operations by the dice, on the server and on the model, and compares what came of them. An operation rolls dice of its own, so that the same seed and
/// number do the same in the same world.
/// </summary>
internal sealed partial class Player : IAsyncDisposable
{
    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 11, 22, 18, 50, 0, 250, TimeSpan.Zero));
    private readonly string _directory = Directory.CreateTempSubdirectory("mimu-model-").FullName;
    private readonly List<Client> _clients = [];
    private readonly List<Client> _auditors = [];
    private readonly Func<Task>[] _operations;

    private World _world = null!;
    private Stage.Host _host = null!;

    // Of the operation that is being done.
    private Dice _dice = new(0);
    private Client _client = null!;

    private Player() => _operations = Weighted(
        (34, SendAsync), (3, SendManyAsync), (5, ForwardAsync), (7, EditAsync), (5, DeleteAsync), (8, ReadAsync), (3, CreateChatAsync), (5, AddAsync), (4, RemoveAsync),
        (3, ChangeRoleAsync), (2, ChangeChatAsync), (2, BlockAsync), (4, ListMessagesAsync), (3, GetMessageAsync), (3, ListChatsAsync), (3, GetChatAsync),
        (8, SyncAsync), (12, ReadSocketAsync), (5, OpenSocketAsync), (2, LoseSocketAsync), (2, TypeAsync), (3, PassTimeAsync));

    /// <summary>What has been done, a line each.</summary>
    public List<string> Journal { get; } = [];

    private User User => _client.User;

    public static async Task<Player> StartAsync(ulong seed)
    {
        var player = new Player();
        await player.StartHostAsync();
        await player.InviteAsync(new Dice(seed));
        return player;
    }

    /// <summary>One operation by one of the devices, and what the sockets owe from then on.</summary>
    public async Task PlayAsync(ulong seed, int number)
    {
        _dice = Dice.For(seed, number);
        _client = _dice.Pick(_clients);
        Journal.Add($"#{number} {_client.Name}");
        // Now and then something rarer than one in a hundred.
        await (_dice.Below(1000) switch
        {
            < 1 => RestartAsync(),
            < 4 => SignInAgainAsync(),
            < 6 => _client.RefreshAsync(),
            < 9 => SweepAsync(),
            < 12 => PassHoursAsync(),
            _ => _dice.Pick(_operations)(),
        });
        Tell();
    }

    /// <summary>At the end everybody reads all that there is, and everything must be as in the model.</summary>
    public async Task FinishAsync()
    {
        Journal.Add("the end");
        foreach (var client in _clients.Concat(_auditors))
        {
            await client.DrainAsync();
        }
        foreach (var auditor in _auditors)
        {
            _client = auditor;
            await CompareAllAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DropAsync();
        }
        await _host.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>What has happened, all open sockets owe from now on.</summary>
    private void Tell()
    {
        foreach (var telling in _world.Tellings)
        {
            _clients.ForEach(client => client.Owe(telling));
        }
        _world.Tellings.Clear();
    }

    private async Task StartHostAsync()
    {
        _host = await Stage.Host.Start(options =>
        {
            // The clock leaps, and neither tokens nor sockets are what is tried here.
            options.Auth.AccessTokenLifetime = TimeSpan.FromDays(30);
            options.Realtime.Heartbeat = TimeSpan.FromHours(1);
            options.Realtime.IdleTimeout = TimeSpan.FromHours(2);
        }, _clock, _directory);
        foreach (var client in _clients.Concat(_auditors))
        {
            client.MoveTo(_host);
        }
    }

    /// <summary>Four to eight people with one to three devices each, and for each an auditor, who reads nothing before the end.</summary>
    private async Task InviteAsync(Dice dice)
    {
        var people = new List<Person>();
        for (var count = dice.Between(4, 8); count > 0; count--)
        {
            people.Add(await _host.RegisterAsync("u"));
        }
        people.Sort((one, other) => string.CompareOrdinal(one.UserId, other.UserId));
        _world = new World([.. people.Select((person, i) => new User(i, person.UserId, person.PublicId))], _clock.GetUtcNow);
        foreach (var user in _world.Users)
        {
            var person = people[user.Number];
            Enlist(_clients, user, $"u{user.Number}.1", person);
            for (var device = dice.Between(1, 3); device > 1; device--)
            {
                // A device of its own, or the same one signed in twice.
                var other = dice.Chance(60) ? await person.LinkAsync(changes: body => body.Remove("one_time_prekeys")) : await person.SignInAgainAsync();
                Enlist(_clients, user, $"u{user.Number}.{device}", other);
            }
            Enlist(_auditors, user, $"u{user.Number}.auditor", await person.SignInAgainAsync());
        }
        foreach (var client in _clients.Concat(_auditors))
        {
            client.MoveTo(_host);
            await client.RefreshAsync();
            await client.StartAsync();
        }
    }

    private void Enlist(List<Client> clients, User user, string name, Person person) =>
        clients.Add(new Client(_world, user, name, person.Registration.Password, new JsonObject { ["refresh_token"] = person.RefreshToken, ["access_token"] = person.AccessToken }));

    private async Task RestartAsync()
    {
        Note("restarts the server");
        foreach (var client in _clients)
        {
            // Some are cut off, and some are told.
            if (_dice.Chance(50))
            {
                await client.ReadSocketAsync();
            }
            if (_dice.Chance(50))
            {
                await client.DropAsync();
            }
        }
        await _host.StopAsync();
        foreach (var client in _clients)
        {
            if (client.Socket is { } socket)
            {
                await socket.ExpectCloseAfterFramesAsync(1012);
                await client.DropAsync();
            }
        }
        await _host.DisposeAsync();
        await StartHostAsync();
    }

    private Task SignInAgainAsync()
    {
        Note("signs in again");
        return _client.SignInAgainAsync();
    }

    private async Task SweepAsync()
    {
        Note("the server erases what expired");
        await _host.Services.GetRequiredService<ErasingWorker>().RunOnceAsync(default);
        _world.Sweep();
    }

    private Task PassTimeAsync()
    {
        Pass(TimeSpan.FromMilliseconds(_dice.Between(1, 40_000)));
        return Task.CompletedTask;
    }

    private async Task PassHoursAsync()
    {
        // So long a sleep no socket outlives.
        foreach (var client in _clients)
        {
            await client.DropAsync();
        }
        Pass(TimeSpan.FromMinutes(_dice.Between(1, _dice.Chance(30) ? 1_500 : 90)));
    }

    private void Pass(TimeSpan time)
    {
        Note($"{time} pass");
        _clock.Advance(time);
    }

    private void Note(string what) => Journal[^1] += $" {what}";

    private static Func<Task>[] Weighted(params (int Weight, Func<Task> Operation)[] operations) =>
        [.. operations.SelectMany(entry => Enumerable.Repeat(entry.Operation, entry.Weight))];
}

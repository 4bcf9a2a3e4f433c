using System.Globalization;
using System.Runtime.InteropServices;
using Mimu.Core;
using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Messages;
using Mimu.Core.Storage;
using Mimu.Specification;
using Xunit;
using Xunit.Abstractions;

namespace Mimu.Embedded.Tests;

#pragma warning disable CA5394 // Chosen by a seed, so that a failure comes again

/// <summary>
/// Messages of all sizes come, change and go in whatever order, which has SQLite rearrange its pages in every way that it knows. Whatever is gone is in no file of
/// the storage after each scrubbing, not even a few bytes of it, and whatever is there is whole.
/// </summary>
public sealed class ErasureByChanceTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Operations = 8000;

    /// <summary>Operations of one transaction, which share its sync.</summary>
    private const int Batch = 20;

    private const int Checks = 10;

    private const int Chats = 5;

    private const int Limit = 100;

    private readonly Account _alice = Sample.Account("alice");
    private readonly Account _bob = Sample.Account("bob");
    private readonly List<Message> _here = [];
    private readonly List<byte[]> _gone = [];
    private readonly List<ChatId> _chats = [];
    private readonly List<ChatId> _removed = [];
    private SqliteBackend _backend = null!;
    private Random _random = new();
    private DateTimeOffset _now = Sample.Now;

    public async Task InitializeAsync()
    {
        _backend = await SqliteBackend.OpenAsync();
        await WriteAsync(async tx =>
        {
            await tx.Accounts.AddAsync(_alice);
            await tx.Accounts.AddAsync(_bob);
            for (var i = 0; i < Chats; i++)
            {
                _chats.Add((await tx.AddChatAsync(ChatType.Group, _alice, _bob)).Id);
            }
        });
    }

    public async Task DisposeAsync() => await _backend.DisposeAsync();

    [Theory]
    [InlineData(1, 2000)]
    [InlineData(2, 1000)]
    [InlineData(3, 120)]
    [InlineData(4, 40)]
    public async Task What_is_gone_is_in_no_file_whatever_happened_around_it(int seed, int usualSize)
    {
        output.WriteLine($"Seed {seed}");
        _random = new Random(seed);
        for (var check = 1; check <= Checks; check++)
        {
            for (var i = 0; i < Operations / Checks / Batch; i++)
            {
                await WriteAsync(async tx =>
                {
                    for (var j = 0; j < Batch; j++)
                    {
                        await DoSomethingAsync(tx, usualSize);
                    }
                });
            }
            await CheckAsync($"Seed {seed}, check {check}");
        }

        await WriteAsync(tx => RemoveOlderAsync(tx, _now.AddDays(1)));
        Assert.Empty(_here);
        using (var connection = SqliteFiles.Open(_backend.DatabasePath))
        {
            // Of all that were sent and edited, for as many empty rows as keep the others from being moved.
            Assert.InRange(connection.Number("SELECT count(*) FROM messages"), 1000, 2000);
            Assert.InRange(connection.Number("SELECT count(*) FROM edits"), 1000, 1700);
        }
        await CheckAsync($"Seed {seed}, at the end");
    }

    /// <summary>A retention that is short of the whole by a little less each time: whatever is left is next to what goes.</summary>
    [Theory]
    [InlineData(5, 2000)]
    [InlineData(6, 300)]
    [InlineData(7, 60)]
    public async Task What_the_retention_has_not_come_to_is_on_the_disk_once(int seed, int usualSize)
    {
        output.WriteLine($"Seed {seed}");
        _random = new Random(seed);
        await WriteAsync(async tx =>
        {
            for (var i = 0; i < 3000; i++)
            {
                _now = _now.AddSeconds(1);
                await SendAsync(tx, usualSize);
                if (i % 2 == 0)
                {
                    await EditAsync(tx, usualSize);
                }
            }
        });
        for (var check = 1; _here.Count > 0; check++)
        {
            for (var i = 0; i < 25; i++)
            {
                await WriteAsync(tx => RemoveOlderAsync(tx, _here.Count > 0 ? _here[Math.Min(_random.Next(20), _here.Count - 1)].CreatedAt.AddSeconds(1) : _now));
            }
            await CheckAsync($"Seed {seed}, check {check}");
        }
    }

    private async ValueTask DoSomethingAsync(ITransaction tx, int usualSize)
    {
        _now = _now.AddSeconds(1);
        switch (_random.Next(1000))
        {
            case < 670:
                await SendAsync(tx, usualSize);
                break;
            case < 870 when _here.Count > 0:
                await EditAsync(tx, usualSize);
                break;
            case < 970 when _here.Count > 0:
                var deleted = _here[_random.Next(_here.Count)];
                await tx.Messages.EraseAsync(deleted.Id);
                Lose(message => message.Id == deleted.Id);
                break;
            case < 995:
                while (await tx.Messages.EraseExpiredAsync(_now, Limit) == Limit)
                {
                }
                Lose(message => message.ExpiresAt <= _now);
                break;
            case < 999 when _here.Count > 0:
                await RemoveOlderAsync(tx, _here[_random.Next(Math.Min(_here.Count, 100))].CreatedAt);
                break;
            default:
                await RemoveChatAsync(tx);
                break;
        }
    }

    private async ValueTask SendAsync(ITransaction tx, int usualSize) => _here.Add(await tx.AddMessageAsync(
        Sample.Message(_chats[Math.Min(_random.Next(Chats), _random.Next(Chats))], _alice.Id, NewPayload(usualSize)) with
        {
            CreatedAt = _now,
            ExpiresAt = _random.Next(5) == 0 ? _now.AddSeconds(_random.Next(1, 1000)) : null,
            ClientMessageId = _random.Next(2) == 0 ? Guid.NewGuid() : null,
        }));

    private async ValueTask EditAsync(ITransaction tx, int usualSize)
    {
        // The same ones again and again, and mostly the last, as people do.
        var at = _random.Next(2) == 0 ? _random.Next(_here.Count) : Math.Max(0, _here.Count - 1 - _random.Next(10));
        _gone.Add(_here[at].Payload);
        _here[at] = _here[at] with { Payload = NewPayload(usualSize), EditedAt = _now };
        var cursor = await tx.Events.AppendEditAsync(_here[at], _now);
        await tx.Messages.EditAsync(_here[at], cursor.Position);
    }

    private async ValueTask RemoveOlderAsync(ITransaction tx, DateTimeOffset before)
    {
        while (await tx.Messages.RemoveOlderAsync(before, Limit) == Limit)
        {
        }
        Lose(message => message.CreatedAt < before);
    }

    private async ValueTask RemoveChatAsync(ITransaction tx)
    {
        var at = _random.Next(Chats);
        var removed = _chats[at];
        await tx.Chats.RemoveAsync(removed);
        Lose(message => message.ChatId == removed);
        _removed.Add(removed);
        _chats[at] = (await tx.AddChatAsync(ChatType.Group, _alice, _bob)).Id;
    }

    private void Lose(Predicate<Message> isGone)
    {
        _gone.AddRange(_here.FindAll(isGone).Select(message => message.Payload));
        _here.RemoveAll(isGone);
    }

    /// <summary>One in a while is so large that it needs pages of its own, or so small that it is nearly nothing.</summary>
    private byte[] NewPayload(int usualSize)
    {
        var payload = new byte[_random.Next(20) switch
        {
            0 => _random.Next(4000, 20_000),
            1 => _random.Next(1, 16),
            2 => _random.Next(1, 4000),
            _ => _random.Next(1, usualSize),
        }];
        _random.NextBytes(payload);
        return payload;
    }

    private async Task CheckAsync(string when)
    {
        foreach (var message in _here)
        {
            Alike.Equal(message, await _backend.Database.ReadAsync(tx => tx.Messages.FindAsync(message.Id)));
        }
        foreach (var chat in _chats.Concat(_removed))
        {
            var page = await _backend.Database.ReadAsync(tx => tx.Messages.ListAsync(chat, new MessageRange(0, long.MaxValue, OldestFirst: true, int.MaxValue), DateTimeOffset.MinValue));
            Assert.Equal(_here.Where(message => message.ChatId == chat).Select(message => message.Id), page.Messages.Select(message => message.Id));
        }

        await _backend.Database.ScrubAsync();

        var pieces = new Pieces(Directory.EnumerateFiles(_backend.DataDirectory, "mimu.db*").Select(SqliteFiles.Read), _here.Select(message => message.Payload).Concat(_gone));
        Assert.All(_here, message => Assert.True(pieces.HasAll(message.Payload), $"{when}: what is there was not found."));
        var left = _gone.Count(pieces.HasAny);
        var size = new FileInfo(_backend.DatabasePath).Length / 1024;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{when}: {_here.Count} messages here, {_gone.Count} payloads gone, {size} KiB"));
        var copied = _here.Count(message => pieces.HasTwice(message.Payload));
        Assert.True(copied == 0, $"{when}: of {_here.Count} messages that are there, {copied} are on the disk twice, of which erasing would leave one.");
        Assert.True(left == 0, $"{when}: of {_gone.Count} payloads that are gone, {left} are on the disk.");
    }

    private async Task WriteAsync(Func<ITransaction, ValueTask> work) => await _backend.Database.WriteAsync<Done>(async tx =>
    {
        await work(tx);
        return default(Done);
    });

    /// <summary>Which pieces of payloads are in the files, wherever they begin there: all stretches of eight bytes, of which every fragment of fifteen has one.</summary>
    private sealed class Pieces
    {
        private readonly HashSet<ulong> _found = [];
        private readonly HashSet<ulong> _foundAgain = [];

        public Pieces(IEnumerable<byte[]> files, IEnumerable<byte[]> payloads)
        {
            var wanted = new HashSet<ulong>();
            // Says no at once to nearly all that the files hold.
            var maybe = new bool[1 << 24];
            foreach (var payload in payloads)
            {
                foreach (var piece in Of(payload))
                {
                    wanted.Add(piece);
                    maybe[piece >> 40] = true;
                }
            }
            foreach (var file in files)
            {
                for (var i = 0; i + sizeof(ulong) <= file.Length; i++)
                {
                    var piece = MemoryMarshal.Read<ulong>(file.AsSpan(i));
                    if (maybe[piece >> 40] && wanted.Contains(piece))
                    {
                        (_found.Add(piece) ? _found : _foundAgain).Add(piece);
                    }
                }
            }
        }

        /// <summary>But for the last few bytes of a page of their own, whose stretch goes on in the next.</summary>
        public bool HasAll(byte[] payload)
        {
            var (all, there) = (0, 0);
            foreach (var piece in Of(payload))
            {
                all++;
                there += _found.Contains(piece) ? 1 : 0;
            }
            return all - there <= payload.Length / 4000 + 1;
        }

        public bool HasAny(byte[] payload) => IsAnyIn(_found, payload);

        public bool HasTwice(byte[] payload) => IsAnyIn(_foundAgain, payload);

        private static bool IsAnyIn(HashSet<ulong> pieces, byte[] payload)
        {
            foreach (var piece in Of(payload))
            {
                if (pieces.Contains(piece))
                {
                    return true;
                }
            }
            return false;
        }

        private static ReadOnlySpan<ulong> Of(byte[] payload) => MemoryMarshal.Cast<byte, ulong>(payload);
    }
}

using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Mimu.Smoke;

/// <summary>Those who take the server's connections and say nothing, or not all, and those who do not listen: others are served as ever.</summary>
public sealed class SilentTests : IDisposable
{
    /// <summary>As many as there may be, if this process and the server may have so many files open.</summary>
    private const int Many = 10_000;

    /// <summary>What the server may have resident at any time, in megabytes.</summary>
    private const long MostResident = 200;

    /// <summary>The server gives a request's head 15 s.</summary>
    private static readonly TimeSpan _untilCut = TimeSpan.FromSeconds(25);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Ten_thousand_who_connect_and_say_nothing_hold_nobody_up_and_are_sent_away()
    {
        var (server, address) = await StartAsync();
        await using var program = server;
        var (alice, bob) = (await Client.RegisterAsync(address, "alice"), await Client.RegisterAsync(address, "bob"));
        var chat = await alice.OpenChatAsync(bob);
        using var crowd = new Crowd(address, Math.Min(Many, OpenFiles.Raise() - 300));

        await ExpectServiceAsync(alice, bob, chat);
        Assert.InRange(server.PeakMegabytes, 1, MostResident);
        await crowd.ExpectAllCutAsync(_untilCut);
        await ExpectServiceAsync(alice, bob, chat);
        Assert.InRange(server.PeakMegabytes, 1, MostResident);
    }

    [Fact]
    public async Task A_thousand_who_never_come_to_the_end_of_a_request_hold_nobody_up_and_are_sent_away()
    {
        var (server, address) = await StartAsync();
        await using var program = server;
        var (alice, bob) = (await Client.RegisterAsync(address, "alice"), await Client.RegisterAsync(address, "bob"));
        var chat = await alice.OpenChatAsync(bob);
        var head = $"POST /auth/login HTTP/1.1\r\nHost: {address.Authority}\r\n";
        // One byte after the other comes for as long as the server listens, which is its reason not to wait for the end of a line.
        using var halfHeads = new Crowd(address, 500, _ => head + "X-Slow: ", "x");
        using var halfBodies = new Crowd(address, 500, _ => head + "Content-Type: application/json\r\nContent-Length: 60000\r\n\r\n{\"public_id\":\"", "x");

        await ExpectServiceAsync(alice, bob, chat);
        await Task.WhenAll(halfHeads.ExpectAllCutAsync(_untilCut), halfBodies.ExpectAllCutAsync(_untilCut));
        await ExpectServiceAsync(alice, bob, chat);
        Assert.InRange(server.PeakMegabytes, 1, MostResident);
    }

    [Fact]
    public async Task Sockets_that_never_read_are_closed_while_others_get_what_is_theirs()
    {
        var (server, address) = await StartAsync();
        await using var program = server;
        var (alice, bob) = (await Client.RegisterAsync(address, "alice"), await Client.RegisterAsync(address, "bob"));
        var deafOnes = await Task.WhenAll(Enumerable.Range(0, 20).Select(number => Client.RegisterAsync(address, $"deaf_{number}")));
        var chat = await alice.OpenChatAsync([bob, .. deafOnes]);
        using var socket = await bob.OpenSocketAsync();
        var buffer = new byte[512 * 1024];
        await Client.ReceiveAsync(socket, buffer);
        using var deaf = new Crowd(address, deafOnes.Length, number => $"GET /ws HTTP/1.1\r\nHost: {address.Authority}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + $"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nAuthorization: Bearer {deafOnes[number].Token}\r\n\r\n", reads: false);
        await deaf.ExpectAllAnsweredAsync(_untilCut);

        // More than the kernels and the server's queue of 1 MiB take for each.
        var text = new string('x', 250_000);
        for (var i = 0; i < 24; i++)
        {
            var id = await alice.SendAsync(chat, text);
            var frame = await Client.ReceiveAsync(socket, buffer);
            Assert.Equal(id, (string?)frame!["data"]!["message_id"]);
        }

        await ExpectServiceAsync(alice, bob, chat);
        await deaf.ExpectAllCutAsync(_untilCut);
        Assert.InRange(server.PeakMegabytes, 1, MostResident);
    }

    /// <summary>Asks and sends, each well within a second.</summary>
    private static async Task ExpectServiceAsync(Client alice, Client bob, string chat)
    {
        for (var i = 0; i < 20; i++)
        {
            var watch = Stopwatch.StartNew();
            await bob.GetAsync("/healthz");
            await alice.SendAsync(chat, "hello");
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        }
    }

    private Task<(Program Program, Uri Address)> StartAsync() =>
        Program.ServeAsync(_directory.FullName, ("MIMU_AUTH__ARGON2_MEMORY", "64KiB"), ("MIMU_AUTH__ARGON2_ITERATIONS", "1"));

    /// <summary>Many connections that all do the same.</summary>
    private sealed class Crowd : IDisposable
    {
        private readonly List<Socket> _sockets = [];
        private readonly byte[] _more;
        private readonly bool _reads;

        /// <param name="server">Where to.</param>
        /// <param name="count">How many.</param>
        /// <param name="words">What each says at once.</param>
        /// <param name="more">What each goes on to say, again and again.</param>
        /// <param name="reads">Whether anybody takes in what the server says.</param>
        public Crowd(Uri server, int count, Func<int, string>? words = null, string more = "", bool reads = true)
        {
            _more = Encoding.ASCII.GetBytes(more);
            _reads = reads;
            for (var i = 0; i < count; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                _sockets.Add(socket);
                if (!reads)
                {
                    socket.ReceiveBufferSize = 16 * 1024;
                }
                socket.Connect(server.Host, server.Port);
                socket.Send(Encoding.ASCII.GetBytes(words?.Invoke(i) ?? ""));
            }
        }

        public Task ExpectAllAnsweredAsync(TimeSpan limit) => ExpectAllAsync("answered", limit, socket => socket.Available > 0);

        /// <summary>That the server ends every connection within the time.</summary>
        public Task ExpectAllCutAsync(TimeSpan limit) => ExpectAllAsync("cut", limit, IsCut);

        public void Dispose() => _sockets.ForEach(socket => socket.Dispose());

        private async Task ExpectAllAsync(string what, TimeSpan limit, Predicate<Socket> isSo)
        {
            var watch = Stopwatch.StartNew();
            var left = new List<Socket>(_sockets);
            using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
            while (left.RemoveAll(isSo) is var _ && left.Count > 0)
            {
                Assert.True(watch.Elapsed < limit, $"After {limit.TotalSeconds} s {left.Count} of {_sockets.Count} connections are not {what}.");
                await pace.WaitForNextTickAsync();
            }
        }

        private bool IsCut(Socket socket)
        {
            try
            {
                if (!_reads)
                {
                    return socket.Poll(0, SelectMode.SelectError);
                }
                if (_more.Length > 0)
                {
                    socket.Send(_more);
                }
                // An answer may come before the end.
                var buffer = new byte[4096];
                while (socket.Poll(0, SelectMode.SelectRead))
                {
                    if (socket.Receive(buffer) == 0)
                    {
                        return true;
                    }
                }
                return false;
            }
            catch (SocketException)
            {
                return true;
            }
        }
    }
}

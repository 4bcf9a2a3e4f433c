using System.Net.Sockets;
using System.Security.Cryptography;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Gateway;

/// <summary>Protocol section 7: clients that do not read. What the kernels take in for them is beyond the queue, so much must be sent.</summary>
public class SlowReaderTests(Host host) : IClassFixture<Host>
{
    /// <summary>More than the 4 MiB that Linux may keep for a connection (tcp_wmem) and the queue's 1 MiB together.</summary>
    private const int Messages = 24;

    /// <summary>The largest there is: about 350 KB a frame.</summary>
    private const int Payload = 256 * 1024;

    [Fact]
    public async Task A_client_that_does_not_read_is_closed_and_goes_on_from_its_cursor()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var carol = await host.RegisterAsync("carol");
        var chat = await alice.CreateGroupAsync(bob, carol);
        var start = await bob.CursorAsync();
        await carol.ConnectAsync();
        await using var slow = await EventSocket.OpenAsync(host.Address, bob.AccessToken, reads: false);
        await FloodAsync(alice, chat, carol);

        slow.BeginReading();
        var frames = await slow.ExpectCloseAfterFramesAsync(4408);
        Assert.InRange(frames.Count, 1, Messages);
        var events = frames.Skip(1).Select(frame => frame.ToJsonString()).ToList();
        var all = (await bob.SyncAllAsync(start)).Select(happened => happened.ToJsonString()).ToList();
        // What did come is a beginning without gap, and its cursor leads to the rest.
        Assert.Equal(all[..events.Count], events);
        await using var next = await bob.ConnectAsync(frames.Count > 1 ? (string)frames[^1]["cursor"]! : start);
        foreach (var rest in all[events.Count..])
        {
            Assert.Equal(rest, (await next.ExpectAsync("NewMessage")).ToJsonString());
        }
        await next.ExpectNothingElseAsync();
    }

    [Fact]
    public async Task A_client_that_never_reads_is_cut_off()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        using var deaf = await RawConnection.OpenSocketAsync(host.Address, bob.AccessToken);
        await FloodAsync(alice, chat);
        // The close frame has no way through, so the connection is cut 10 s later.
        await Deadline.Until("the connection to be cut", () => deaf.Socket.Poll(TimeSpan.FromMilliseconds(50), SelectMode.SelectError), TimeSpan.FromSeconds(14));
    }

    /// <summary>Sends more than a socket may owe, and sees that who reads gets everything at once.</summary>
    private static async Task FloodAsync(Person sender, string chat, Person? reader = null)
    {
        var payload = RandomNumberGenerator.GetBytes(Payload);
        for (var i = 0; i < Messages; i++)
        {
            await sender.SendAsync(chat, payload);
            if (reader is not null)
            {
                await reader.Socket.ExpectAsync("NewMessage");
            }
        }
    }
}

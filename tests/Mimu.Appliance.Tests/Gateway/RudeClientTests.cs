using System.Net.Sockets;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Gateway;

/// <summary>Protocol section 7: clients that do not take a hint.</summary>
public class RudeClientTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task A_client_that_ignores_the_close_frame_is_cut_off_even_if_it_goes_on_talking()
    {
        var bob = await host.RegisterAsync("bob");
        using var rude = await RawConnection.OpenSocketAsync(host.Address, bob.AccessToken);
        // Binary frames with mask 0 (RFC 6455 section 5.2): the first closes the socket, the others are talk.
        var cut = false;
        await Deadline.Until("the connection to be cut", () => cut |= IsCut(rude), TimeSpan.FromSeconds(14));

        static bool IsCut(RawConnection connection)
        {
            try
            {
                connection.Socket.Send([0x82, 0x81, 0, 0, 0, 0, 1]);
                return connection.Socket.Poll(TimeSpan.FromMilliseconds(100), SelectMode.SelectError);
            }
            catch (SocketException)
            {
                return true;
            }
        }
    }
}

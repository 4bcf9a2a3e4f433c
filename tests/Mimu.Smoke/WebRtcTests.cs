using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Mimu.Smoke;

/// <summary>Protocol section 9 with a browser's own WebRTC: tests/webrtc. Sound and text come through, and the call ends for both.</summary>
public sealed class WebRtcTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public Task Two_pages_talk_to_each_other() => TalkAsync("", []);

    [Fact]
    public async Task Two_pages_talk_through_coturn_with_the_credentials_of_the_server()
    {
        await using var coturn = await Coturn.StartAsync("north");
        await TalkAsync("relay", [("MIMU_CALLS__TURN_URIS", $"turn:127.0.0.1:{coturn.Port}?transport=udp"), ("MIMU_CALLS__TURN_SECRET", "north")]);
    }

    private async Task TalkAsync(string mode, (string Name, string Value)[] settings)
    {
        var port = FreePort().ToString(CultureInfo.InvariantCulture);
        var (program, address) = await Program.ServeAsync(_directory.FullName, [("MIMU_SERVER__CORS_ORIGINS", $"http://127.0.0.1:{port}"), .. settings]);
        await using var server = program;
        var (alice, bob) = (await Client.RegisterAsync(address, "alice"), await Client.RegisterAsync(address, "bob"));
        await alice.OpenChatAsync(bob);
        await Tool.RunNodeAsync(Tool.FindAbove("tests/webrtc/test.mjs"), address.ToString(), alice.Token, alice.UserId, bob.Token, bob.UserId, port, mode);
        Assert.Empty(server.Errors);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

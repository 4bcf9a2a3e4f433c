using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Mimu.Appliance;

/// <summary>
/// Tells systemd how the service is (Type=notify): https://www.freedesktop.org/software/systemd/man/latest/sd_notify.html.
/// Without systemd nothing happens. (Microsoft.Extensions.Hosting.Systemd looks for systemd in /proc, which ProtectProc=invisible hides.)
/// </summary>
internal static class SystemdNotify
{
    public static bool Ready() => Send("READY=1");

    public static bool Stopping() => Send("STOPPING=1");

    /// <summary>A sign of life, to be sent every <see cref="WatchdogPeriod"/>.</summary>
    public static bool Watchdog() => Send("WATCHDOG=1");

    /// <summary>How often systemd wants a sign of life; null when it wants none. Half of what the unit says, as sd_watchdog_enabled(3) recommends.</summary>
    public static TimeSpan? WatchdogPeriod()
    {
        var process = Environment.GetEnvironmentVariable("WATCHDOG_PID");
        if (!string.IsNullOrEmpty(process) && process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture))
            return null;
        var given = long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds);
        return given && microseconds > 0 ? TimeSpan.FromMicroseconds(microseconds / 2) : null;
    }

    /// <summary>Never throws: a service that can't say how it is goes on with its work.</summary>
    /// <returns>Whether systemd was told.</returns>
    private static bool Send(string state)
    {
        var address = Environment.GetEnvironmentVariable("NOTIFY_SOCKET");
        if (string.IsNullOrEmpty(address))
            return false;
        try
        {
            if (address[0] == '@')
                address = '\0' + address[1..]; // the abstract namespace: unix(7)
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            return socket.SendTo(Encoding.UTF8.GetBytes(state), new UnixDomainSocketEndPoint(address)) > 0;
        }
        catch (Exception exception) when (exception is SocketException or ArgumentException)
        {
            return false;
        }
    }
}

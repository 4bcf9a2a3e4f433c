namespace Mimu.Appliance.Configuration;

/// <summary><c>[admin]</c>: the doors of whoever runs the server.</summary>
internal sealed class AdminOptions
{
    /// <summary>The Unix socket of <c>mimu admin</c>. "": in the data directory, see <see cref="MimuOptions.AdminSocketPath"/>.</summary>
    public string Socket = "";

    /// <summary>The address of the listener for metrics and health, readable by <see cref="ListenAddress.Parse"/>. "": none.</summary>
    public string Listen = "";
}

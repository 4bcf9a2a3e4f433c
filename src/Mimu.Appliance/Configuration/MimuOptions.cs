using System.Net;

namespace Mimu.Appliance.Configuration;

/// <summary>
/// All settings, one object a table of <c>mimu.toml</c>. The initialisers are the defaults. What a setting may hold is
/// declared in <see cref="Settings"/>; the members below join several settings, so that no reader of the options has to.
/// </summary>
/// <remarks>Fields rather than properties: the catalogue reads and writes each one through a <c>ref</c>, without reflection.</remarks>
internal sealed class MimuOptions
{
    public readonly ServerOptions Server = new();
    public readonly AdminOptions Admin = new();
    public readonly LogOptions Log = new();
    public readonly DatabaseOptions Database = new();
    public readonly RegistrationOptions Registration = new();
    public readonly AuthOptions Auth = new();
    public readonly MessagesOptions Messages = new();
    public readonly EventsOptions Events = new();
    public readonly ChatsOptions Chats = new();
    public readonly MediaOptions Media = new();
    public readonly CallsOptions Calls = new();
    public readonly RealtimeOptions Realtime = new();
    public readonly PushOptions Push = new();
    public readonly SubscriptionsOptions Subscriptions = new();
    public readonly LimitsOptions Limits = new();

    /// <summary>The database file: <c>database.path</c>, or <c>mimu.db</c> in the data directory.</summary>
    public string DatabasePath => Database.Path.Length > 0 ? Database.Path : Path.Combine(Server.DataDir, "mimu.db");

    /// <summary>The directory of the built-in blob store: <c>media.path</c>, or <c>blobs</c> in the data directory.</summary>
    public string MediaPath => Media.Path.Length > 0 ? Media.Path : Path.Combine(Server.DataDir, "blobs");

    /// <summary>The Unix socket of <c>mimu admin</c>: <c>admin.socket</c>, or <c>mimu.sock</c> in the data directory.</summary>
    public string AdminSocketPath => Admin.Socket.Length > 0 ? Admin.Socket : Path.Combine(Server.DataDir, "mimu.sock");

    /// <summary>What clients see, without a slash at the end: <c>server.public_url</c>, or made from the first listen address.</summary>
    public string PublicUrl => PublicUrlOn(ListenAddress.Parse(Server.Listen[0]).Port);

    /// <summary>As <see cref="PublicUrl"/>, with the port that was really bound, for a listen address with port 0.</summary>
    public string PublicUrlOn(int port)
    {
        if (Server.PublicUrl.Length > 0)
            return Server.PublicUrl.TrimEnd('/');

        var host = ListenAddress.Parse(Server.Listen[0]).Host;
        // "Every address" can be listened on but not called.
        if (IPAddress.TryParse(host, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)))
            host = "localhost";
        var scheme = Server.Tls.Enabled ? "https" : "http";
        return $"{scheme}://{new ListenAddress(host, port)}";
    }
}

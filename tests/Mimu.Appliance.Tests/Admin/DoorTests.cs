using System.Net.Sockets;
using System.Text;
using Mimu.Appliance.Admin;
using Mimu.Appliance.Cli;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Tests.Admin;

/// <summary>The administrator's door: one for its owner, whether the server runs or not, and not for the public.</summary>
public class DoorTests
{
    [Fact]
    public async Task The_socket_serves_the_verbs_and_nothing_else()
    {
        await using var host = await Host.Start();
        using var http = Unix(host.Options.AdminSocketPath);
        foreach (var path in (string[])["/healthz", "/.well-known/mimu", "/auth/login", "/api/v1/sync", "/ws", "/openapi.json", "/"])
        {
            Assert.Equal(404, (int)(await http.GetAsync(path)).StatusCode);
        }
        using var listed = await http.PostAsync("/invite/list", new StringContent("{}", Encoding.UTF8, "application/json"));
        Assert.Equal(200, (int)listed.StatusCode);
        var wrong = await http.GetAsync("/invite/list");
        Assert.Equal((405, "POST"), ((int)wrong.StatusCode, string.Join(',', wrong.Content.Headers.Allow)));
    }

    [Fact]
    public async Task The_public_listeners_do_not_serve_the_verbs()
    {
        await using var host = await Host.Start();
        var alice = await host.RegisterAsync("alice");
        foreach (var path in (string[])["/invite/create", "/invite/list", "/invite/revoke", "/user/disable", "/user/enable", "/token-key/rotate", "/media/stats", "/media/gc", "/media/verify", "/media/migrate"])
        {
            (await alice.Http.PostAsync(path, "{}")).ExpectProblem(404, "not_found");
            (await alice.Http.GetAsync(path)).ExpectProblem(404, "not_found");
        }
    }

    [Fact]
    public async Task The_socket_is_its_owners_alone_and_goes_with_the_server()
    {
        var host = await Host.Start();
        var path = host.Options.AdminSocketPath;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        await host.StopAsync();
        Assert.False(File.Exists(path));
        await host.DisposeAsync();
    }

    [Fact]
    public async Task What_a_dead_process_left_gives_way()
    {
        var directory = Directory.CreateTempSubdirectory("mimu-door-").FullName;
        var path = Path.Combine(directory, "mimu.sock");
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(path));
            // Its file is moved away and back, so that the runtime does not clean up.
            File.Move(path, path + ".kept");
        }
        File.Move(path + ".kept", path);
        await using (var host = await Host.Start(dataDirectory: directory))
        {
            await CommandLine.Of(host).AskAsync("admin", "invite", "list");
        }
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public void A_socket_that_somebody_listens_on_and_a_file_that_is_none_stay()
    {
        var directory = Directory.CreateTempSubdirectory("mimu-door-").FullName;
        var path = Path.Combine(directory, "taken");
        using (var alive = AdminSocket.Bind(path))
        {
            alive.Listen();
            Assert.Equal(StorageRefusal.InUse, Assert.Throws<StorageRefusedException>(() => AdminSocket.Bind(path)).Reason);
        }
        var file = Path.Combine(directory, "file");
        File.WriteAllText(file, "precious");
        Assert.Equal(StorageRefusal.NotWritable, Assert.Throws<StorageRefusedException>(() => AdminSocket.Bind(file)).Reason);
        Assert.Equal("precious", File.ReadAllText(file));
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Without_a_server_the_command_line_does_the_same_work()
    {
        var directory = Directory.CreateTempSubdirectory("mimu-door-").FullName;
        var mimu = new CommandLine(directory);
        Assert.Equal(1, (int?)(await mimu.AskAsync("admin", "invite", "create"))["uses"]);
        Assert.Single((await mimu.AskAsync("admin", "invite", "list"))["invites"]!.AsArray());
        await mimu.ExpectRefusalAsync(1, "admin", "user", "disable", "nobody");
        await mimu.ExpectRefusalAsync(2, "admin", "invite", "create", "--uses", "0");
        await using (var host = await Host.Start(dataDirectory: directory))
        {
            Assert.Single((await mimu.AskAsync("admin", "invite", "list"))["invites"]!.AsArray());
        }
        Assert.Single((await mimu.AskAsync("admin", "invite", "list"))["invites"]!.AsArray());
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_server_with_another_socket_keeps_the_command_line_off_its_data()
    {
        await using var host = await Host.Start(options => options.Admin.Socket = Path.Combine(options.Server.DataDir, "other.sock"));
        Assert.Contains("does not listen on", await CommandLine.Of(host).ExpectRefusalAsync(ExitCodes.TemporaryFailure, "admin", "invite", "list"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("admin", "invite", "create")]
    [InlineData("admin", "invite", "list")]
    [InlineData("admin", "invite", "revoke")]
    [InlineData("admin", "user", "disable")]
    [InlineData("admin", "user", "enable")]
    [InlineData("admin", "token-key", "rotate")]
    [InlineData("admin", "media", "stats")]
    [InlineData("admin", "media", "gc")]
    [InlineData("admin", "media", "verify")]
    [InlineData("admin", "media", "migrate")]
    public async Task Each_verb_has_help_with_an_example(params string[] words)
    {
        using var output = new StringWriter();
        Assert.Equal(0, await Root.RunAsync([.. words, "--help"], output, TextWriter.Null));
        Assert.Contains($"Example: mimu {string.Join(' ', words)}", output.ToString(), StringComparison.Ordinal);
    }

    private static HttpClient Unix(string path) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellation) =>
        {
            var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        },
    })
    {
        BaseAddress = new Uri("http://mimu"),
    };
}

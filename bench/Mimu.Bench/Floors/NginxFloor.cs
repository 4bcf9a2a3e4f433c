using System.Globalization;
using System.Net;
using Mimu.Bench.Server;

namespace Mimu.Bench.Floors;

/// <summary>Debian's nginx with its WebDAV module, which stores what is PUT and serves it with sendfile: what moving files costs without looking at them.</summary>
internal sealed class NginxFloor : IAsyncDisposable
{
    private const string Program = "/usr/sbin/nginx";
    private readonly ChildProcess _process;
    private readonly TemporaryDirectory _directory;

    private NginxFloor(ChildProcess process, TemporaryDirectory directory, IPEndPoint address)
    {
        _process = process;
        _directory = directory;
        Address = address;
    }

    public IPEndPoint Address { get; }

    /// <summary>Where a file lies that was PUT.</summary>
    public string PathOf(string name) => Path.Combine(_directory.Path, "files", name);

    public static async Task<NginxFloor> StartAsync(string dataRoot)
    {
        if (!File.Exists(Program))
            throw new BenchException($"there is no {Program} to compare with: install Debian's package nginx");
        var directory = new TemporaryDirectory(dataRoot);
        IPEndPoint address = ChildProcess.FreeAddress();
        Directory.CreateDirectory(Path.Combine(directory.Path, "files"));
        string config = Path.Combine(directory.Path, "nginx.conf");
        await File.WriteAllTextAsync(config, Configuration(address, directory.Path));
        var process = ChildProcess.Start("nginx", Program, ["-c", config, "-p", directory.Path, "-e", "stderr"]);
        var floor = new NginxFloor(process, directory, address);
        try
        {
            await process.AwaitHealthAsync(address);
            return floor;
        }
        catch
        {
            await floor.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.StopAsync();
        await _process.DisposeAsync();
        _directory.Dispose();
    }

    private static string Configuration(IPEndPoint address, string directory) => string.Create(CultureInfo.InvariantCulture, $$"""
        daemon off;
        {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
        worker_processes 2;
        pid {{directory}}/nginx.pid;
        error_log stderr;
        events { worker_connections 256; }
        http {
          access_log off;
          sendfile on;
          tcp_nopush on;
          client_max_body_size 0;
          client_body_buffer_size 128k;
          client_body_temp_path {{directory}}/tmp;
          proxy_temp_path {{directory}}/proxy;
          fastcgi_temp_path {{directory}}/fastcgi;
          uwsgi_temp_path {{directory}}/uwsgi;
          scgi_temp_path {{directory}}/scgi;
          server {
            listen {{address}};
            location = /healthz { return 200; }
            location / { root {{directory}}/files; dav_methods PUT; }
          }
        }

        """);
}

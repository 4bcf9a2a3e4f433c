using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mimu.Smoke;

/// <summary>The TURN server of Debian's package on loopback, for one test.</summary>
internal sealed class Coturn : IAsyncDisposable
{
    private readonly Process _process;
    private readonly TemporaryDirectory _directory;
    private readonly StringBuilder _said = new();

    private Coturn(TemporaryDirectory directory, string[] secrets, int port)
    {
        (_directory, Port, SecurePort) = (directory, port, FreePort());
        WriteCertificate();
        var config = _directory.PathOf("turnserver.conf");
        File.WriteAllLines(config,
        [
            "use-auth-secret", .. secrets.Select(secret => $"static-auth-secret={secret}"), "realm=smoke.example.org",
            $"listening-port={port}", "listening-ip=127.0.0.1", "relay-ip=127.0.0.1", "allow-loopback-peers", "fingerprint",
            $"tls-listening-port={SecurePort}", $"cert={CertificateFile}", $"pkey={_directory.PathOf("key.pem")}", "no-dtls", "no-cli", "log-file=stdout", "simple-log", $"pidfile={_directory.PathOf("pid")}", $"userdb={_directory.PathOf("userdb")}",
        ]);
        _process = Process.Start(new ProcessStartInfo("turnserver", ["-c", config]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory.FullName })!;
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Port { get; }

    /// <summary>The port of TLS, with a certificate for localhost that is its own issuer.</summary>
    public int SecurePort { get; }

    /// <summary>The certificate, for who wants to trust it.</summary>
    public string CertificateFile => _directory.PathOf("certificate.pem");

    /// <summary>Starts one that takes these secrets, and waits until it listens.</summary>
    public static async Task<Coturn> StartAsync(params string[] secrets)
    {
        var coturn = new Coturn(new TemporaryDirectory(), secrets, FreePort());
        try
        {
            await Deadline.Until("coturn to listen", coturn.ListensAsync);
            return coturn;
        }
        catch (Exception e)
        {
            await coturn.DisposeAsync();
            throw new InvalidOperationException($"coturn did not start. It said:\n{coturn._said}", e);
        }
    }

    /// <summary>Has Debian's own client allocate relays and send itself something through them.</summary>
    /// <returns>Its exit code, and what it said.</returns>
    public Task<(int ExitCode, string Said)> RelayAsync(string username, string password, bool isTcp = false) =>
        Tool.RunAsync("turnutils_uclient", [.. isTcp ? ["-t"] : Array.Empty<string>(), "-u", username, "-w", password, "-p", $"{Port}", "-y", "-c", "-n", "2", "-m", "1", "127.0.0.1"]);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
        _directory.Dispose();
    }

    private async Task<bool> ListensAsync()
    {
        Assert.False(_process.HasExited, "coturn has ended.");
        try
        {
            using var socket = new TcpClient();
            await socket.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>One that is free for TCP; for UDP it is as likely free as any.</summary>
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(_directory.PathOf("key.pem"), key.ExportPkcs8PrivateKeyPem());
    }

    private void Take(string? line)
    {
        lock (_said)
        {
            _said.AppendLine(line);
        }
    }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mimu.Appliance.Configuration;

namespace Mimu.Appliance.Tests.Configuration;

/// <summary>A working directory with a settings file or without, and no other file to be found.</summary>
internal sealed class ConfigurationFolder : IDisposable
{
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("mimu-config-").FullName;

    public string SystemFile => PathOf("etc/mimu.toml");

    public Dictionary<string, string> Environment { get; } = [];

    public string PathOf(string name) => Path.Combine(Directory, name);

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] bytes)
    {
        var path = PathOf(name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public ConfigurationResult Read(string? explicitPath = null) => ConfigurationReader.Read(explicitPath, Environment, Directory, SystemFile);

    /// <summary>What the settings file says, all of it sound.</summary>
    public static MimuOptions Options(string toml, params (string Variable, string Value)[] environment)
    {
        using var folder = new ConfigurationFolder();
        folder.Write("mimu.toml", toml);
        foreach (var (variable, value) in environment)
            folder.Environment[variable] = value;
        var result = folder.Read();
        Assert.Empty(Lines(result));
        return result.Options!;
    }

    /// <summary>The faults of the settings file, as they are printed.</summary>
    public static string[] Faults(string toml, params (string Variable, string Value)[] environment)
    {
        using var folder = new ConfigurationFolder();
        folder.Write("mimu.toml", toml);
        foreach (var (variable, value) in environment)
            folder.Environment[variable] = value;
        var result = folder.Read();
        Assert.Equal(result.Faults.Count == 0, result.IsSound);
        return Lines(result);
    }

    public static string[] Lines(ConfigurationResult result)
    {
        var lines = result.Faults.Select(fault => fault.ToString()).ToArray();
        Assert.All(lines, line => Assert.DoesNotContain(line, char.IsControl));
        return lines;
    }

    /// <summary>What may stand in the file of <c>push.apns.key_file</c>.</summary>
    public static string AppleKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportPkcs8PrivateKeyPem();
    }

    /// <summary>What may stand in the file of <c>subscriptions.apple.root_certificate_file</c>, but for <paramref name="isCa"/>.</summary>
    public static string RootCertificate(bool isCa = true)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Root", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isCa, false, 0, critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return certificate.ExportCertificatePem();
    }

    /// <summary>What may stand in the file of <c>push.fcm.credentials_file</c>.</summary>
    public static string GoogleAccount()
    {
        using var key = RSA.Create(2048);
        return new JsonObject { ["type"] = "service_account", ["project_id"] = "a", ["private_key_id"] = "b", ["private_key"] = key.ExportPkcs8PrivateKeyPem(), ["client_email"] = "c@d" }.ToJsonString();
    }

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}

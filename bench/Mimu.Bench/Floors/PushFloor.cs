using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Mimu.Bench.Measure;

namespace Mimu.Bench.Floors;

/// <summary>A request that a push service got, to be sent once more.</summary>
/// <param name="Url">Where to.</param>
/// <param name="Protocol">As HTTP names it: <c>HTTP/1.1</c> or <c>HTTP/2</c>.</param>
/// <param name="Headers">Those that are not of the connection.</param>
/// <param name="Body">The body.</param>
internal sealed record RecordedPush(Uri Url, string Protocol, Dictionary<string, string> Headers, byte[] Body);

/// <summary>
/// (d) The least that sending pushes costs: the requests that the server sent, recorded, sent again by .NET's HTTP client, as many at a time. For Web Push a text is encrypted for each, as
/// RFC 8291 has it, and thrown away, since no service takes it from another. Nothing is signed, looked up or noted. This runs in a child process of its own.
/// </summary>
internal static class PushFloor
{
    /// <summary>Sends all of them and prints one line: requests, seconds, CPU microseconds, refusals.</summary>
    /// <param name="file">The requests.</param>
    /// <param name="atOnce">How many are under way at a time.</param>
    public static async Task RunAsync(string file, int atOnce)
    {
        RecordedPush[] pushes = JsonSerializer.Deserialize<RecordedPush[]>(await File.ReadAllBytesAsync(file))!;
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ActivityHeadersPropagator = null };
        using var http = new HttpMessageInvoker(handler);
        int refused = 0;
        // One alone, as APNs wants it; then as many as make the connections and have the compiler done.
        await SendAsync(pushes[0]);
        await SendAllAsync(pushes.Take(Math.Max(1, pushes.Length / 5)));
        refused = 0;
        long cpu = ProcessMeter.Self.CpuNanoseconds(), start = Stopwatch.GetTimestamp();
        await SendAllAsync(pushes);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds, micros = (ProcessMeter.Self.CpuNanoseconds() - cpu) / 1e3;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{pushes.Length} {seconds:R} {micros:R} {refused}"));

        Task SendAllAsync(IEnumerable<RecordedPush> all) => Parallel.ForEachAsync(all, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, async (push, _) => await SendAsync(push));

        async Task SendAsync(RecordedPush push)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, push.Url)
            {
                Version = push.Protocol == "HTTP/2" ? HttpVersion.Version20 : HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new ByteArrayContent(push.Body),
            };
            foreach ((string name, string value) in push.Headers)
            {
                if (!request.Headers.TryAddWithoutValidation(name, value))
                    request.Content.Headers.TryAddWithoutValidation(name, value);
            }

            if (push.Headers.ContainsValue("aes128gcm"))
                Encrypt(push.Body);
            using HttpResponseMessage response = await http.SendAsync(request, CancellationToken.None);
            await response.Content.CopyToAsync(Stream.Null);
            if (!response.IsSuccessStatusCode)
                Interlocked.Increment(ref refused);
        }
    }

    /// <summary>A key of one's own, what it agrees on with another, three keys that follow from that, and one record: for the key that stands in a recorded body.</summary>
    private static void Encrypt(byte[] recorded)
    {
        byte[] key = new byte[16], nonce = new byte[12], text = new byte[128];
        using ECDiffieHellman own = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using ECDiffieHellman other = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = recorded[22..54], Y = recorded[54..86] } });
        using ECDiffieHellmanPublicKey publicKey = other.PublicKey;
        ECPoint point = own.ExportParameters(includePrivateParameters: false).Q;
        byte[] input = HKDF.DeriveKey(HashAlgorithmName.SHA256, own.DeriveRawSecretAgreement(publicKey), 32, recorded[..16], [.. recorded[21..86], .. point.X!, .. point.Y!]);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, input, key, recorded.AsSpan(0, 16), "Content-Encoding: aes128gcm\0"u8);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, input, nonce, recorded.AsSpan(0, 16), "Content-Encoding: nonce\0"u8);
        using var aes = new AesGcm(key, 16);
        aes.Encrypt(nonce, text, text, new byte[16]);
    }
}

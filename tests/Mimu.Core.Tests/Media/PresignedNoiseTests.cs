using Mimu.Core.Media;
using Xunit;

namespace Mimu.Core.Tests.Media;

public sealed class PresignedNoiseTests
{
#pragma warning disable CA5394 // The same noise each time is wanted, not unpredictable noise.
    [Fact]
    public void Noise_is_refused_and_nothing_is_thrown()
    {
        var random = new Random(20261123);
        var (upload, download) = (S3.Received(S3.Upload), S3.Received(S3.Download));
        string[] pieces = ["X-Amz-", "Signature", "Date", "Credential", "%2F", "%", "%00", "&", "=", ";", "+", "/", "host", "x-amz-acl", "\ud800", "é", "\n", "9", "20261123", "\0"];
        for (var round = 0; round < 5_000; round++)
        {
            var received = round % 2 == 0 ? upload : download;
            var query = received.RawQuery;
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                var at = random.Next(query.Length);
                query = query[..at] + pieces[random.Next(pieces.Length)] + query[Math.Min(query.Length, at + random.Next(4))..];
            }
            var path = random.Next(3) > 0 ? received.RawPath : received.RawPath.Insert(random.Next(received.RawPath.Length), pieces[random.Next(pieces.Length)]);
            if (S3.Meaning(query) != S3.Meaning(received.RawQuery))
            {
                Assert.True(S3.Verify(received with { RawQuery = query, RawPath = path }) is SignatureRefused, query);
            }
        }
    }

    [Fact]
    public void Random_characters_are_refused_and_nothing_is_thrown()
    {
        var random = new Random(7);
        for (var round = 0; round < 5_000; round++)
        {
            string Noise() => string.Create(random.Next(60), random, (span, source) =>
            {
                foreach (ref var c in span)
                {
                    c = (char)source.Next(source.Next(2) == 0 ? 128 : 65_536);
                }
            });
            var received = new ReceivedRequest(Noise(), Noise(), Noise(), Noise(), [new(Noise(), Noise()), new(Noise(), Noise())]);

            Assert.IsType<SignatureRefused>(S3.Verify(received));
            Assert.IsType<SignatureRefused>(S3.Verify(received with { RawQuery = S3.Received(S3.Download).RawQuery, Method = "GET" }));
        }
    }
#pragma warning restore CA5394
}

using System.Buffers;
using System.Net;
using System.Security.Cryptography;
using Mimu.Core.Media;

namespace Mimu.Appliance.Media.S3;

/// <summary>The bytes to be stored are not those that they must be, or could not be read.</summary>
/// <param name="outcome">What is wrong with them; null if it is something else, which is inside.</param>
/// <param name="inner">What their stream threw.</param>
internal sealed class S3UploadException(BlobOutcome? outcome, Exception? inner = null) : IOException(inner?.Message ?? "The bytes are not those that were to be stored.", inner)
{
    public BlobOutcome? Outcome => outcome;
}

/// <summary>
/// A stream as the body of a PUT. The last piece is held back until it is known that the bytes are as many as they must be and hash to what they must: the store
/// then never has all of a request that should not be, and stores nothing.
/// </summary>
internal sealed class S3Upload(Stream content, long size, byte[]? sha256) : HttpContent
{
    private const int PieceSize = 128 * 1024;

    private S3Wait? _wait;

    /// <summary>What the bytes hash to; empty until all are sent.</summary>
    public byte[] Sha256 { get; private set; } = [];

    /// <summary>Who gives up when the store takes nothing any more.</summary>
    public void WatchedBy(S3Wait wait) => _wait = wait;

    protected override bool TryComputeLength(out long length)
    {
        length = size;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var (held, next) = (ArrayPool<byte>.Shared.Rent(PieceSize), ArrayPool<byte>.Shared.Rent(PieceSize));
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var total = 0L;
            var heldCount = 0;
            while (await ReadAsync(next, cancellationToken) is > 0 and var count)
            {
                _wait?.Restart();
                total += count;
                if (total > size)
                {
                    break;
                }
                hash.AppendData(next, 0, count);
                await stream.WriteAsync(held.AsMemory(0, heldCount), cancellationToken);
                _wait?.Restart();
                (held, next, heldCount) = (next, held, count);
            }
            if (total != size)
            {
                throw new S3UploadException(BlobOutcome.WrongSize);
            }
            var actual = hash.GetHashAndReset();
            if (sha256 is not null && !actual.AsSpan().SequenceEqual(sha256))
            {
                throw new S3UploadException(BlobOutcome.WrongChecksum);
            }
            await stream.WriteAsync(held.AsMemory(0, heldCount), cancellationToken);
            _wait?.Restart();
            Sha256 = actual;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(held);
            ArrayPool<byte>.Shared.Return(next);
        }
    }

    private async ValueTask<int> ReadAsync(byte[] piece, CancellationToken cancellation)
    {
        try
        {
            return await content.ReadAtLeastAsync(piece, piece.Length, throwOnEndOfStream: false, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new S3UploadException(outcome: null, e);
        }
    }
}

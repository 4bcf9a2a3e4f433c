using System.Net;
using Mimu.Core.Media;

namespace Mimu.Appliance.Media.S3;

/// <summary>A file in the outside store, read where it lies. See <see cref="S3BlobStore.OpenAsync"/>.</summary>
internal sealed class S3Stream(S3Door door, FileKey key, long length, HttpResponseMessage first) : Stream
{
    private const int Tries = 3;

    private HttpResponseMessage? _response = first;
    private Stream? _body;
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position
    {
        get => _position;
        set => Seek(value, SeekOrigin.Begin);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_position >= length || buffer.IsEmpty)
        {
            return 0;
        }
        var failures = 0;
        while (true)
        {
            using var wait = door.Wait(cancellationToken);
            try
            {
                _response ??= await OpenAsync(cancellationToken);
                _body ??= await _response.Content.ReadAsStreamAsync(wait.Token);
                var most = (int)Math.Min(buffer.Length, length - _position);
                if (await _body.ReadAsync(buffer[..most], wait.Token) is > 0 and var count)
                {
                    _position += count;
                    return count;
                }
                throw new IOException("The answer ended too early.");
            }
            catch (Exception e) when (e is HttpRequestException or (IOException and not S3Exception) or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                GiveUp();
                if (++failures == Tries || e is OperationCanceledException)
                {
                    throw S3Exception.Unreachable(door.Address, e);
                }
            }
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Not supported: a thread that waits for a network is lost to all others.</summary>
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Read it asynchronously.");

    public override long Seek(long offset, SeekOrigin origin)
    {
        var target = offset + origin switch
        {
            SeekOrigin.Begin => 0,
            SeekOrigin.Current => _position,
            _ => length,
        };
        ArgumentOutOfRangeException.ThrowIfNegative(target, nameof(offset));
        if (target != _position)
        {
            GiveUp();
            _position = target;
        }
        return _position;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            GiveUp();
        }
        base.Dispose(disposing);
    }

    private async Task<HttpResponseMessage> OpenAsync(CancellationToken cancellation)
    {
        var response = await door.SendAsync(new S3Call(HttpMethod.Get, key) { From = _position }, cancellation);
        if (response.StatusCode == (_position == 0 ? HttpStatusCode.OK : HttpStatusCode.PartialContent) && response.Content.Headers.ContentLength == length - _position)
        {
            return response;
        }
        using (response)
        {
            throw await door.RefusedAsync(response, cancellation);
        }
    }

    private void GiveUp()
    {
        _body = null;
        _response?.Dispose();
        _response = null;
    }
}

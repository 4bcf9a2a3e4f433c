using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using Mimu.Core.Calls;

namespace Mimu.Appliance.Calls.Turn;

/// <summary>A line to a STUN or TURN server, on which requests are answered one by one.</summary>
internal abstract class StunLine : IAsyncDisposable
{
    /// <exception cref="SocketException">There is nobody.</exception>
    /// <exception cref="System.Security.Authentication.AuthenticationException">It is somebody else, or nobody trusts it.</exception>
    public static async Task<StunLine> OpenAsync(TurnUri uri, IPAddress address, CancellationToken cancellation)
    {
        var socket = uri.IsUdp
            ? new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp)
            : new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(address, uri.Port, cancellation);
            return uri.IsUdp ? new Datagrams(socket) : new Bytes(await SecuredAsync(uri, new NetworkStream(socket, ownsSocket: true), cancellation));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>What the server answers.</summary>
    /// <param name="method">What is asked.</param>
    /// <param name="fill">Adds attributes.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<StunMessage> AskAsync(StunMethod method, Action<StunRequest> fill, CancellationToken cancellation)
    {
        var transaction = RandomNumberGenerator.GetBytes(12);
        var request = new StunRequest(method, transaction);
        fill(request);
        return await AskAsync(request.AddFingerprint().ToBytes(), transaction, cancellation);
    }

    public abstract ValueTask DisposeAsync();

    protected abstract Task<StunMessage> AskAsync(byte[] request, byte[] transaction, CancellationToken cancellation);

    /// <summary>Whether these bytes answer the request with this transaction.</summary>
    protected static bool IsAnswer(ReadOnlySpan<byte> bytes, byte[] transaction, out StunMessage? answer) =>
        StunMessage.TryParse(bytes, out answer) && answer.Class is StunClass.Success or StunClass.Error && answer!.Transaction.SequenceEqual(transaction);

    private static async Task<Stream> SecuredAsync(TurnUri uri, Stream stream, CancellationToken cancellation)
    {
        if (!uri.IsSecure)
        {
            return stream;
        }
        var secured = new SslStream(stream);
        await secured.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = uri.Host }, cancellation);
        return secured;
    }

    /// <summary>Over UDP, where a request or its answer may be lost.</summary>
    private sealed class Datagrams(Socket socket) : StunLine
    {
        /// <summary>The largest that UDP can carry.</summary>
        private const int MaxDatagram = 65_507;

        /// <summary>RFC 8489 section 6.2.1: asked again after half a second, and then after twice as long each time.</summary>
        private static readonly TimeSpan _firstWait = TimeSpan.FromMilliseconds(500);

        protected override async Task<StunMessage> AskAsync(byte[] request, byte[] transaction, CancellationToken cancellation)
        {
            using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            var hearing = HearAsync(transaction, over.Token);
            try
            {
                for (var wait = _firstWait; !hearing.IsCompleted; wait *= 2)
                {
                    await socket.SendAsync(request, cancellation);
                    await Task.WhenAny(hearing, Task.Delay(wait, cancellation));
                    cancellation.ThrowIfCancellationRequested();
                }
                return await hearing;
            }
            finally
            {
                await over.CancelAsync();
                await ((Task)hearing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        public override ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task<StunMessage> HearAsync(byte[] transaction, CancellationToken cancellation)
        {
            var buffer = new byte[MaxDatagram];
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, cancellation);
                if (IsAnswer(buffer.AsSpan(0, length), transaction, out var answer))
                {
                    return answer!;
                }
            }
        }
    }

    /// <summary>Over TCP or TLS, which lose nothing.</summary>
    private sealed class Bytes(Stream stream) : StunLine
    {
        protected override async Task<StunMessage> AskAsync(byte[] request, byte[] transaction, CancellationToken cancellation)
        {
            await stream.WriteAsync(request, cancellation);
            await stream.FlushAsync(cancellation);
            while (true)
            {
                var header = new byte[StunMessage.HeaderSize];
                await stream.ReadExactlyAsync(header, cancellation);
                var message = new byte[StunMessage.LengthOf(header) ?? throw new IOException("What answers speaks no STUN.")];
                header.CopyTo(message, 0);
                await stream.ReadExactlyAsync(message.AsMemory(header.Length), cancellation);
                if (IsAnswer(message, transaction, out var answer))
                {
                    return answer!;
                }
            }
        }

        public override ValueTask DisposeAsync() => stream.DisposeAsync();
    }
}

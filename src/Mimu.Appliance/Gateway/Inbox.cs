using System.Buffers;
using System.IO.Pipelines;
using Mimu.Appliance.Http;
using Mimu.Core;

namespace Mimu.Appliance.Gateway;

/// <summary>What a socket's client says: one loop that reads frames and begins what they ask for.</summary>
internal sealed class Inbox(PipeReader input, Connection connection, Outbox outbox, ClientFrames clientFrames, GatewaySettings settings)
{
    /// <summary>Bad frames in a row that close the socket (protocol section 7).</summary>
    private const int MaxBadFrames = 10;

    private FrameBudget _budget = new(settings.Frames);
    private FramesUnderWay _underWay;
    private int _badFrames;
    private bool _isNonsense;
    private long _heardAt = Environment.TickCount64;

    /// <summary>When the client was last heard of, in milliseconds as <see cref="Environment.TickCount64"/> counts them.</summary>
    public long HeardAt => Volatile.Read(ref _heardAt);

    /// <summary>A frame of the client has been dealt with.</summary>
    public void Done() => _underWay.Done();

    /// <summary>Reads and deals with frames until the client says goodbye, the connection ends, or what comes makes no sense.</summary>
    public async Task RunAsync()
    {
        var frames = new FrameReader(settings.MaxFrame);
        try
        {
            ReadResult read;
            Going going;
            do
            {
                read = await input.ReadAsync();
                Volatile.Write(ref _heardAt, Environment.TickCount64);
                var buffer = read.Buffer;
                going = HandleAll(frames, ref buffer);
                input.AdvanceTo(buffer.Start, going is Going.WaitForRoom ? buffer.Start : buffer.End);
                if (going is Going.WaitForRoom)
                {
                    await _underWay.RoomAsync();
                }
            }
            while (going is not Going.Over && (!read.IsCompleted || going is Going.WaitForRoom));
        }
        catch (Exception e) when (Outbox.IsEnd(e))
        {
            // The connection is gone.
            outbox.Abandon();
        }
        finally
        {
            frames.Abandon();
        }
    }

    /// <summary>Deals with what has come, as far as it is whole. What comes after a close of ours is thrown away, until the client says goodbye too.</summary>
    private Going HandleAll(FrameReader frames, ref ReadOnlySequence<byte> buffer)
    {
        while (!_isNonsense)
        {
            if (_underWay.IsFull)
            {
                return Going.WaitForRoom;
            }
            frames.Discards = outbox.Farewell is not null;
            switch (frames.Read(ref buffer))
            {
                case FrameOutcome.Incomplete:
                    return Going.On;
                case FrameOutcome.Violation:
                    connection.Close(CloseCodes.ProtocolError, "this is not RFC 6455");
                    _isNonsense = true;
                    break;
                case FrameOutcome.TooLarge:
                    connection.Close(CloseCodes.FrameTooLarge, "the frame is too large");
                    break;
                default:
                    if (frames.Kind is Opcode.Close)
                    {
                        if (outbox.Farewell is null)
                        {
                            connection.OnGoodbye();
                        }
                        return Going.Over;
                    }
                    if (outbox.Farewell is null)
                    {
                        Handle(frames.Kind, frames.Content);
                    }
                    frames.Release();
                    break;
            }
        }
        buffer = buffer.Slice(buffer.End);
        return Going.On;
    }

    private void Handle(Opcode kind, ReadOnlyMemory<byte> content)
    {
        if (!_budget.TryTake())
        {
            connection.Close(CloseCodes.TooManyFrames, "too many frames");
            return;
        }
        switch (kind)
        {
            case Opcode.Ping:
                connection.Send(Frames.Pong(content.Span));
                break;
            case Opcode.Pong:
                connection.OnPong();
                break;
            case Opcode.Binary:
                connection.Close(CloseCodes.BinaryFrame, "only text frames are understood");
                break;
            default:
                _badFrames = HandleText(content) ? 0 : _badFrames + 1;
                if (_badFrames == MaxBadFrames)
                {
                    connection.Close(CloseCodes.TooManyBadFrames, "ten frames in a row could not be read");
                }
                break;
        }
    }

    /// <summary>False for a frame that is no JSON object of a known type.</summary>
    private bool HandleText(ReadOnlyMemory<byte> content)
    {
        _underWay.Begin();
        if (clientFrames.TryBeginSend(connection, content.Span))
        {
            return true;
        }
        if (BeginAny(content))
        {
            return true;
        }
        Done();
        return false;
    }

    private bool BeginAny(ReadOnlyMemory<byte> content)
    {
        if (!JsonText.TryParse(new ReadOnlySequence<byte>(content), out var document, out var reason))
        {
            connection.Send(ServerFrames.Refusal(id: null, Errors.MalformedRequest.Because($"The frame could not be read. {reason}")));
            return false;
        }
        using (document)
        {
            return clientFrames.Begin(connection, document.RootElement);
        }
    }

    /// <summary>How reading goes on.</summary>
    private enum Going
    {
        On,
        WaitForRoom,
        Over,
    }
}

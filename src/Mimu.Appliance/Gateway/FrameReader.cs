using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Mimu.Appliance.Gateway;

/// <summary>What a client's frames are (RFC 6455 section 5.2); the numbers are on the wire.</summary>
internal enum Opcode
{
    Continuation = 0x0,
    Text = 0x1,
    Binary = 0x2,
    Close = 0x8,
    Ping = 0x9,
    Pong = 0xA,
}

/// <summary>What came of reading on.</summary>
internal enum FrameOutcome
{
    /// <summary>There is not all of a message yet.</summary>
    Incomplete,

    /// <summary>A whole message, or a control frame.</summary>
    Whole,

    /// <summary>The client does not speak RFC 6455.</summary>
    Violation,

    /// <summary>The message is larger than may be.</summary>
    TooLarge,
}

/// <summary>
/// Puts a client's messages together from what the connection brings, in whatever pieces. It holds memory for what has come of a message and never for what was
/// only announced, and none between messages.
/// </summary>
internal sealed class FrameReader(int maxMessage)
{
    private const int MaskSize = 4;

    /// <summary>RFC 6455 section 5.5: control frames carry no more.</summary>
    private const int MaxControl = 125;

    /// <summary>What a message is gathered in at first.</summary>
    private const int FirstBuffer = 1024;

    private byte[]? _buffer;
    private int _length;
    private int _messageStart;
    private Opcode _message;
    private bool _isWithinMessage;
    private Opcode _opcode;
    private bool _isLast;
    private bool _isWithinFrame;
    private long _left;
    private uint _mask;

    /// <summary>Whether what comes is only followed, to find the client's goodbye: nothing of it is kept, and no size is too large.</summary>
    public bool Discards { get; set; }

    /// <summary>What <see cref="Content"/> is: text, binary, or a control frame.</summary>
    public Opcode Kind => _opcode is Opcode.Continuation ? _message : _opcode;

    /// <summary>The whole message, until reading goes on.</summary>
    public ReadOnlyMemory<byte> Content => _buffer.AsMemory(_messageStart, _length - _messageStart);

    /// <summary>For how many bytes memory is held.</summary>
    public int Held => _buffer?.Length ?? 0;

    /// <summary>Reads on to the end of the next message or control frame, or of what there is.</summary>
    public FrameOutcome Read(ref ReadOnlySequence<byte> input)
    {
        while (true)
        {
            if (!_isWithinFrame)
            {
                var header = ReadHeader(ref input);
                if (header is not FrameOutcome.Whole)
                {
                    return header;
                }
            }
            Gather(ref input);
            if (_left > 0)
            {
                return FrameOutcome.Incomplete;
            }
            _isWithinFrame = false;
            if (_isLast)
            {
                return FrameOutcome.Whole;
            }
        }
    }

    /// <summary>To be called when what was read has been dealt with.</summary>
    public void Release()
    {
        if (IsControl(_opcode))
        {
            // A message may be under way around it.
            _length = _messageStart;
            _messageStart = 0;
        }
        else
        {
            _length = 0;
            _isWithinMessage = false;
        }
        if (_length == 0 && _buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
        }
    }

    /// <summary>Lets go of what has been gathered. Nothing can be read after it.</summary>
    public void Abandon()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            _length = _messageStart = 0;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private FrameOutcome ReadHeader(ref ReadOnlySequence<byte> input)
    {
        Span<byte> header = stackalloc byte[2 + sizeof(ulong) + MaskSize];
        var available = (int)Math.Min(header.Length, input.Length);
        if (available < 2)
        {
            return FrameOutcome.Incomplete;
        }
        input.Slice(0, available).CopyTo(header);
        var (opcode, isLast, isMasked, length) = ((Opcode)(header[0] & 0x0F), (header[0] & 0x80) != 0, (header[1] & 0x80) != 0, (long)(header[1] & 0x7F));
        // No extension was agreed upon that would use the reserved bits, and clients mask (RFC 6455 sections 5.1 and 5.2).
        if ((header[0] & 0x70) != 0 || !isMasked || !IsAllowed(opcode, isLast, length))
        {
            return FrameOutcome.Violation;
        }
        var size = 2 + MaskSize + (length switch { 126 => sizeof(ushort), 127 => sizeof(ulong), _ => 0 });
        if (available < size)
        {
            return FrameOutcome.Incomplete;
        }
        length = length switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(header[2..]),
            127 => BinaryPrimitives.ReadInt64BigEndian(header[2..]),
            _ => length,
        };
        if (length < 0)
        {
            return FrameOutcome.Violation;
        }
        // The client's number may be as large as a number can be, so nothing is added to it.
        if (!Discards && length > maxMessage - (IsControl(opcode) ? 0 : _length))
        {
            return FrameOutcome.TooLarge;
        }
        if (IsControl(opcode))
        {
            _messageStart = _length;
        }
        else if (opcode is not Opcode.Continuation)
        {
            (_message, _isWithinMessage) = (opcode, true);
        }
        (_opcode, _isLast, _left, _isWithinFrame) = (opcode, isLast, length, true);
        _mask = MemoryMarshal.Read<uint>(header[(size - MaskSize)..]);
        input = input.Slice(size);
        return FrameOutcome.Whole;
    }

    private bool IsAllowed(Opcode opcode, bool isLast, long length) => opcode switch
    {
        Opcode.Continuation => _isWithinMessage,
        Opcode.Text or Opcode.Binary => !_isWithinMessage,
        Opcode.Close or Opcode.Ping or Opcode.Pong => isLast && length <= MaxControl,
        _ => false,
    };

    private void Gather(ref ReadOnlySequence<byte> input)
    {
        if (Discards)
        {
            var skipped = Math.Min(_left, input.Length);
            _left -= skipped;
            input = input.Slice(skipped);
            return;
        }
        var taken = (int)Math.Min(_left, input.Length);
        if (taken == 0)
        {
            return;
        }
        Grow(_length + taken);
        var target = _buffer.AsSpan(_length, taken);
        input.Slice(0, taken).CopyTo(target);
        Unmask(target, _mask);
        // The mask goes on where this piece ends.
        _mask = BitConverter.IsLittleEndian ? BitOperations.RotateRight(_mask, 8 * (taken % MaskSize)) : BitOperations.RotateLeft(_mask, 8 * (taken % MaskSize));
        _length += taken;
        _left -= taken;
        input = input.Slice(taken);
    }

    private void Grow(int needed)
    {
        if (_buffer is null)
        {
            _buffer = ArrayPool<byte>.Shared.Rent(Math.Max(FirstBuffer, needed));
        }
        else if (_buffer.Length < needed)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, _buffer.Length * 2));
            _buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
    }

    /// <summary>RFC 6455 section 5.3.</summary>
    private static void Unmask(Span<byte> content, uint mask)
    {
        var wide = Vector<byte>.Count;
        if (content.Length >= wide)
        {
            var masks = Vector.AsVectorByte(new Vector<uint>(mask));
            var vectors = MemoryMarshal.Cast<byte, Vector<byte>>(content);
            for (var i = 0; i < vectors.Length; i++)
            {
                vectors[i] ^= masks;
            }
            content = content[(vectors.Length * wide)..];
        }
        Span<byte> bytes = stackalloc byte[MaskSize];
        MemoryMarshal.Write(bytes, mask);
        for (var i = 0; i < content.Length; i++)
        {
            content[i] ^= bytes[i % MaskSize];
        }
    }

    private static bool IsControl(Opcode opcode) => opcode >= Opcode.Close;
}

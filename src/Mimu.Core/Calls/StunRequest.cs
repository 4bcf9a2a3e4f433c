using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Mimu.Core.Calls;

/// <summary>Puts a request to a STUN or TURN server together, attribute by attribute.</summary>
public sealed class StunRequest
{
    private readonly ArrayBufferWriter<byte> _bytes = new(256);

    /// <param name="method">What is asked.</param>
    /// <param name="transaction">12 random bytes that tell the answer.</param>
    public StunRequest(StunMethod method, ReadOnlySpan<byte> transaction)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(transaction.Length, StunMessage.TransactionSize);
        var header = _bytes.GetSpan(StunMessage.HeaderSize);
        BinaryPrimitives.WriteUInt16BigEndian(header, (ushort)method);
        BinaryPrimitives.WriteUInt32BigEndian(header[4..], StunMessage.MagicCookie);
        transaction.CopyTo(header[8..]);
        _bytes.Advance(StunMessage.HeaderSize);
    }

    public StunRequest Add(StunField attribute, ReadOnlySpan<byte> value)
    {
        var size = StunMessage.AttributeHeaderSize + StunMessage.Padded(value.Length);
        var target = _bytes.GetSpan(size)[..size];
        target.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)attribute);
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], (ushort)value.Length);
        value.CopyTo(target[StunMessage.AttributeHeaderSize..]);
        _bytes.Advance(size);
        return this;
    }

    public StunRequest Add(StunField attribute, string value) => Add(attribute, Encoding.UTF8.GetBytes(value));

    public StunRequest Add(StunField attribute, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return Add(attribute, bytes);
    }

    /// <summary>Covers what was added so far.</summary>
    public StunRequest Sign(ReadOnlySpan<byte> key) => Add(StunField.MessageIntegrity, StunMessage.Integrity(_bytes.WrittenSpan, key));

    /// <summary>Has others than STUN servers know it for what it is. The last attribute.</summary>
    public StunRequest AddFingerprint() => Add(StunField.Fingerprint, StunMessage.Checksum(_bytes.WrittenSpan));

    /// <summary>The request as it is sent.</summary>
    public byte[] ToBytes()
    {
        var bytes = _bytes.WrittenSpan.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)(bytes.Length - StunMessage.HeaderSize));
        return bytes;
    }
}

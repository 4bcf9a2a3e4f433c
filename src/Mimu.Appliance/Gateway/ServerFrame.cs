using System.Buffers;
using System.IO.Pipelines;

namespace Mimu.Appliance.Gateway;

/// <summary>What a socket is sent when its turn comes.</summary>
internal abstract class ServerFrame
{
    /// <summary>At least as many bytes as it has, so that what is owed can be bounded before it is written.</summary>
    public abstract int MaxLength { get; }

    /// <summary>Writes the whole frame.</summary>
    public abstract void WriteTo(PipeWriter output);

    /// <summary>A frame that is written down already.</summary>
    public static implicit operator ServerFrame(byte[] frame) => new Written(frame);

    private sealed class Written(byte[] frame) : ServerFrame
    {
        public override int MaxLength => frame.Length;

        public override void WriteTo(PipeWriter output) => output.Write(frame);
    }
}

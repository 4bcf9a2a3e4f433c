using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Mimu.Appliance;

/// <summary>
/// What connections read into and write from. A system call moves no more than one block, and Kestrel's own blocks have 4 KiB: a file of 64 MiB took 16,384 of them, and most of its
/// time. A connection that is idle has no block.
/// </summary>
internal sealed class ConnectionMemory : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int BlockSize = 32 * 1024;

    /// <summary>More blocks than this are given to the collector when they come back: 4 MiB stay, whatever there was at the worst moment.</summary>
    private const int MaxIdle = 128;

    private readonly Lock _gate = new();

    // The last to come back is the next to go: in no cache, and in none of the memory, is more than is needed at a time.
    private readonly Block[] _idle = new Block[MaxIdle];
    private int _idleCount;

    public override int MaxBufferSize => BlockSize;

    /// <summary>There is one for all connections.</summary>
    public MemoryPool<byte> Create(MemoryPoolOptions? options) => this;

    /// <exception cref="ArgumentOutOfRangeException">A block is smaller than that.</exception>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        lock (_gate)
        {
            if (_idleCount > 0)
            {
                var block = _idle[--_idleCount];
                block.IsRented = true;
                return block;
            }
        }
        return new Block(this);
    }

    protected override void Dispose(bool disposing)
    {
        // Nothing but memory; whoever created the pool disposes of it, and others may go on.
    }

    private void Return(Block block)
    {
        lock (_gate)
        {
            if (_idleCount < MaxIdle)
            {
                _idle[_idleCount++] = block;
            }
        }
    }

    /// <summary>Pinned, since the kernel reads and writes it.</summary>
    private sealed class Block(ConnectionMemory pool) : IMemoryOwner<byte>
    {
        public bool IsRented { get; set; } = true;

        public Memory<byte> Memory { get; } = MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true), 0, BlockSize);

        /// <summary>Once a rental, like Kestrel's own blocks; a second time at once does nothing.</summary>
        public void Dispose()
        {
            if (IsRented)
            {
                IsRented = false;
                pool.Return(this);
            }
        }
    }
}

namespace Mimu.Core.Devices;

/// <summary>Some of an account's devices, a bit each: their ids are 1–127 (protocol 3.9).</summary>
public readonly record struct DeviceSet
{
    private readonly UInt128 _bits;

    private DeviceSet(UInt128 bits) => _bits = bits;

    public static DeviceSet None => default;

    /// <summary>All that there can be, except one.</summary>
    public static DeviceSet AllBut(int device) => new(~Bit(device));

    /// <summary>The bits of devices 0–63, and those of 64–127.</summary>
    public (long Low, long High) Halves => ((long)(ulong)_bits, (long)(ulong)(_bits >> 64));

    public bool IsEmpty => _bits == UInt128.Zero;

    public bool Contains(int device) => (_bits & Bit(device)) != UInt128.Zero;

    public DeviceSet With(int device) => new(_bits | Bit(device));

    public DeviceSet Without(int device) => new(_bits & ~Bit(device));

    private static UInt128 Bit(int device) => UInt128.One << device;
}

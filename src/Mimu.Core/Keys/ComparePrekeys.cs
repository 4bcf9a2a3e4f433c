using System.Buffers.Binary;
using System.Security.Cryptography;
using Mimu.Core.Storage;

namespace Mimu.Core.Keys;

/// <summary>
/// Tells a client whether the server still has the keys that it believes to have left (protocol 3.4), so that a restored database or
/// replaced keys are noticed before others encrypt for keys that nobody holds.
/// </summary>
public sealed class ComparePrekeys(IDatabase database)
{
    /// <returns>Nothing when they are the same; <c>keys_differ</c> otherwise.</returns>
    public ValueTask<Result<Done>> RunAsync(Caller caller, byte[] digest, CancellationToken cancellation) =>
        database.ReadAsync<Result<Done>>(async tx =>
        {
            if (await tx.Accounts.FindAsync(caller.UserId) is not { } account
                || await tx.Keys.FindStandingAsync(caller.UserId, caller.DeviceId, PrekeyKind.Signed) is not { } signed)
            {
                return Errors.KeysDiffer;
            }
            var lastResort = await tx.Keys.FindStandingAsync(caller.UserId, caller.DeviceId, PrekeyKind.PqLastResort);
            return DigestOf(account.IdentityKey, signed, lastResort).AsSpan().SequenceEqual(digest) ? default(Done) : Errors.KeysDiffer;
        }, cancellation);

    /// <summary>SHA-256 over the identity key, then number (8 bytes, big endian) and key of the signed prekey, then of the last resort if there is one.</summary>
    public static byte[] DigestOf(byte[] identityKey, Prekey signed, Prekey? lastResort)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(identityKey);
        Append(hash, signed);
        if (lastResort is not null)
        {
            Append(hash, lastResort);
        }
        return hash.GetHashAndReset();
    }

    private static void Append(IncrementalHash hash, Prekey key)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(number, key.KeyId);
        hash.AppendData(number);
        hash.AppendData(key.PublicKey);
    }
}

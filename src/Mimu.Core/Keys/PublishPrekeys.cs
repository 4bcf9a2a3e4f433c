using Mimu.Core.Storage;

namespace Mimu.Core.Keys;

/// <summary>New prekeys of the calling device (protocol 3.4).</summary>
/// <param name="Keys">Good keys: they have passed <see cref="KeyChecks"/>.</param>
/// <param name="SigningKey">The key of the account that their signatures were checked with.</param>
public sealed record PublishPrekeysCommand(PrekeyUpload Keys, byte[] SigningKey);

/// <summary>Takes prekeys for the calling device: all of them or none. A repeat changes nothing.</summary>
public sealed class PublishPrekeys(IDatabase database, Limits limits)
{
    /// <returns>What the device has now; <c>key_id_reused</c>, <c>limit_reached</c>, or <c>keys_differ</c> when the account has got a new identity meanwhile.</returns>
    public ValueTask<Result<PrekeyStock>> RunAsync(Caller caller, PublishPrekeysCommand command, CancellationToken cancellation) =>
        database.WriteAsync<PrekeyStock>(async tx =>
        {
            if (await tx.Sessions.FindAsync(caller.SessionId) is null)
            {
                return Errors.SessionEnded;
            }
            if (await tx.Accounts.FindAsync(caller.UserId) is not { } account || !account.SigningKey.AsSpan().SequenceEqual(command.SigningKey))
            {
                return Errors.KeysDiffer;
            }
            var taken = new List<int>();
            foreach (var prekey in command.Keys.All)
            {
                if (await tx.Keys.PublishAsync(caller.UserId, caller.DeviceId, prekey) is PrekeyAddition.NumberTaken)
                {
                    taken.Add(prekey.KeyId);
                }
            }
            if (taken.Count > 0)
            {
                return Errors.KeyIdReused.Because($"These numbers belong to other keys: {string.Join(", ", taken)}. Upload the keys under new ones.");
            }
            var stock = await tx.Keys.CountAsync(caller.UserId, caller.DeviceId);
            return stock.OneTime > limits.MaxPrekeysKept || stock.PqOneTime > limits.MaxPrekeysKept
                ? Errors.LimitReached.Because($"At most {limits.MaxPrekeysKept} one-time prekeys of a kind are kept; {Left(stock)}. Nothing was stored.")
                : stock;
        }, cancellation);

    private static string Left(PrekeyStock wanted) => $"with these there would be {wanted.OneTime} and {wanted.PqOneTime} post-quantum ones";
}

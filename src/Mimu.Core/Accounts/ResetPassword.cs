using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Mimu.Core.Keys;
using Mimu.Core.Sessions;
using Mimu.Core.Storage;
using NSec.Cryptography;

namespace Mimu.Core.Accounts;

/// <summary>A new password from who has the account's signing key (protocol 2.5).</summary>
/// <param name="PublicId">The name as it was written; one that can't exist is answered like an unknown one.</param>
/// <param name="NewPassword">8–256 code points.</param>
/// <param name="Timestamp">Unix time in whole seconds, whatever the client says it is.</param>
/// <param name="Signature">Ed25519 over the UTF-8 bytes of the password followed by the decimal digits of the timestamp.</param>
public sealed record ResetPasswordCommand(string PublicId, string NewPassword, long Timestamp, byte[] Signature);

/// <summary>Replaces a forgotten password and ends every session of the account. An account that does not exist answers alike and takes alike.</summary>
public sealed class ResetPassword(IDatabase database, PasswordHashing passwords, TimeProvider clock)
{
    /// <summary>How far a timestamp may be from the server's clock, either way (protocol 2.5).</summary>
    private static readonly TimeSpan _window = TimeSpan.FromSeconds(300);

    /// <summary>A good key that nobody has the other half of.</summary>
    private readonly byte[] _decoy = NewDecoy();

    /// <returns>In this order: <c>timestamp_out_of_window</c>, <c>signature_invalid</c>, <c>signature_replayed</c>.</returns>
    public async ValueTask<Result<Done>> RunAsync(ResetPasswordCommand command, CancellationToken cancellation)
    {
        if (!IsInWindow(command.Timestamp, clock.Now()))
        {
            return Errors.TimestampOutOfWindow;
        }
        var signatureHash = SHA256.HashData(command.Signature);
        var isName = PublicId.TryParse(command.PublicId, out var publicId);
        var (account, isUsed) = await database.ReadAsync(async tx =>
            (isName ? await tx.Accounts.FindAsync(publicId) : null, await tx.Resets.IsUsedAsync(signatureHash)), cancellation);
        if (!IsSigned(command, account) || account is null)
        {
            return Errors.SignatureInvalid;
        }
        // Asked before the dear hash is made; the answer that counts is the transaction's.
        if (isUsed)
        {
            return Errors.SignatureReplayed;
        }
        var hash = await passwords.HashAsync(command.NewPassword, cancellation);
        if (!hash.Succeeded(out var renewed, out var refusal))
        {
            return refusal;
        }
        return await database.WriteAsync<Done>(async tx =>
        {
            // Looked at again, since a signature is remembered no longer than its window; the account, since it may have another key by now.
            var now = clock.Now();
            if (!IsInWindow(command.Timestamp, now))
            {
                return Errors.TimestampOutOfWindow;
            }
            if (await tx.Accounts.FindAsync(publicId) is not { } present || !present.SigningKey.AsSpan().SequenceEqual(account.SigningKey)
                || present.State is AccountState.Deleted)
            {
                return Errors.SignatureInvalid;
            }
            if (!await tx.Resets.TryUseAsync(signatureHash, DateTimeOffset.FromUnixTimeSeconds(command.Timestamp) + _window, now))
            {
                return Errors.SignatureReplayed;
            }
            await tx.Accounts.ReplacePasswordHashAsync(present.Id, present.PasswordHash, renewed);
            await tx.EndSessionsAsync(present.Id);
            return default(Done);
        }, cancellation);
    }

    private static bool IsInWindow(long timestamp, DateTimeOffset now) =>
        timestamp >= DateTimeOffset.MinValue.ToUnixTimeSeconds() && timestamp <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
        && (now - DateTimeOffset.FromUnixTimeSeconds(timestamp)).Duration() <= _window;

    /// <summary>A deleted account is an unknown one; both cost the verification all the same.</summary>
    private bool IsSigned(ResetPasswordCommand command, Account? account)
    {
        var key = account is { State: not AccountState.Deleted } ? account.SigningKey : null;
        var text = Encoding.UTF8.GetBytes(command.NewPassword + command.Timestamp.ToString(CultureInfo.InvariantCulture));
        var isSigned = Signatures.Verify(key ?? _decoy, text, command.Signature);
        CryptographicOperations.ZeroMemory(text);
        return isSigned && key is not null;
    }

    private static byte[] NewDecoy()
    {
        using var key = Key.Create(SignatureAlgorithm.Ed25519);
        return key.PublicKey.Export(KeyBlobFormat.RawPublicKey);
    }
}

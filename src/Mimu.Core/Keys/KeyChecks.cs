namespace Mimu.Core.Keys;

/// <summary>
/// What must be true of keys before they are kept (protocol 2.1): good points, signatures by the account's signing key, no number twice.
/// It finds everything that is wrong and names each member as the client wrote it. A key or signature without bytes and a number below zero were missing
/// or not of their form, have been told of already, and are passed over.
/// </summary>
public static class KeyChecks
{
    /// <summary>libsignal's serialisation puts a type byte in front: 0x05 for X25519 (protocol 2.1).</summary>
    private static readonly byte[] _x25519Types = [0x05];

    /// <summary>0x08 for Kyber-1024, 0x0A for ML-KEM-1024 (protocol 2.1).</summary>
    private static readonly byte[] _kemTypes = [0x08, 0x0A];

    /// <summary>An identity: the X25519 key others agree with, and the Ed25519 key all signatures are checked by.</summary>
    public static void CheckIdentity(byte[] identityKey, byte[] signingKey, Faults faults)
    {
        CheckX25519("identity_key", identityKey, faults);
        if (signingKey.Length > 0 && !CurvePoints.IsGoodEd25519(signingKey))
        {
            faults.Add("signing_public_key", "must be a canonical Ed25519 point that is not of small order");
        }
    }

    /// <summary>The prekeys of one device, signed by <paramref name="signingKey"/>.</summary>
    public static void CheckPrekeys(PrekeyUpload keys, byte[] signingKey, Faults faults)
    {
        if (keys.Signed is { } signed)
        {
            CheckSigned("signed_prekey", signed, signingKey, faults);
        }
        for (var i = 0; i < keys.OneTime.Count; i++)
        {
            CheckX25519($"one_time_prekeys[{i}].public_key", keys.OneTime[i].PublicKey, faults);
        }
        if (keys.PqLastResort is { } lastResort)
        {
            CheckSigned("pq_last_resort_prekey", lastResort, signingKey, faults);
        }
        for (var i = 0; i < keys.PqOneTime.Count; i++)
        {
            CheckSigned($"pq_one_time_prekeys[{i}]", keys.PqOneTime[i], signingKey, faults);
        }
        CheckNumbers("one_time_prekeys", keys.OneTime, [], faults);
        CheckNumbers("pq_one_time_prekeys", keys.PqOneTime, keys.PqLastResort is { } standing ? [standing.KeyId] : [], faults);
    }

    private static void CheckSigned(string path, Prekey key, byte[] signingKey, Faults faults)
    {
        if (key.Kind is PrekeyKind.Signed)
        {
            CheckX25519($"{path}.public_key", key.PublicKey, faults);
        }
        if (key.PublicKey.Length > 0 && key.Signature is { Length: > 0 } && signingKey.Length > 0 && !IsSigned(key, signingKey))
        {
            faults.Add($"{path}.signature", "must be a signature by signing_public_key over the public key, raw or with its type byte in front");
        }
    }

    private static bool IsSigned(Prekey key, byte[] signingKey)
    {
        if (Signatures.Verify(signingKey, key.PublicKey, key.Signature))
        {
            return true;
        }
        byte[] typed = [0, .. key.PublicKey];
        foreach (var type in key.Kind is PrekeyKind.Signed ? _x25519Types : _kemTypes)
        {
            typed[0] = type;
            if (Signatures.Verify(signingKey, typed, key.Signature))
            {
                return true;
            }
        }
        return false;
    }

    private static void CheckX25519(string path, byte[] key, Faults faults)
    {
        if (key.Length > 0 && CurvePoints.IsLowOrderX25519(key))
        {
            faults.Add(path, "must be an X25519 key that is not of low order");
        }
    }

    private static void CheckNumbers(string path, IReadOnlyList<Prekey> keys, HashSet<int> taken, Faults faults)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            if (keys[i].KeyId >= 0 && !taken.Add(keys[i].KeyId))
            {
                faults.Add($"{path}[{i}].key_id", "must not be the key_id of another key of this kind");
            }
        }
    }
}

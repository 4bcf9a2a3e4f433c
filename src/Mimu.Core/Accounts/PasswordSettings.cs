namespace Mimu.Core.Accounts;

/// <summary>How dear a guess at a password is.</summary>
/// <param name="MemoryKiB">Memory of one hash: <c>auth.argon2_memory</c>. 19 MiB is OWASP's minimum for two passes.</param>
/// <param name="Iterations">Passes over it: <c>auth.argon2_iterations</c>.</param>
/// <param name="Parallelism">Lanes: <c>auth.argon2_parallelism</c>.</param>
/// <param name="MinLength">Shortest new password in code points: <c>auth.password_min_length</c>.</param>
public sealed record PasswordSettings(int MemoryKiB = 19 * 1024, int Iterations = 2, int Parallelism = 1, int MinLength = 8)
{
    /// <summary>Longest password in code points (protocol 2.1).</summary>
    public const int MaxLength = 256;
}

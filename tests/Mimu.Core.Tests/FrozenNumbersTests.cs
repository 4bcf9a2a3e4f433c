using Mimu.Core.Accounts;
using Mimu.Core.Chats;
using Mimu.Core.Keys;
using Mimu.Core.Media;
using Xunit;

namespace Mimu.Core.Tests;

/// <summary>Numbers that stand in databases: a change here would give old rows another meaning.</summary>
public sealed class FrozenNumbersTests
{
    [Fact]
    public void The_states_of_accounts_are_frozen() => AssertFrozen<AccountState>("Active=0 Disabled=1 Deleted=2");

    [Fact]
    public void The_types_of_chats_are_frozen() => AssertFrozen<ChatType>("Direct=1 Group=2");

    [Fact]
    public void The_roles_of_participants_are_frozen() => AssertFrozen<ParticipantRole>("Member=1 Admin=2");

    [Fact]
    public void The_kinds_of_prekeys_are_frozen() => AssertFrozen<PrekeyKind>("OneTime=1 Signed=2 PqOneTime=3 PqLastResort=4");

    [Fact]
    public void The_states_of_files_are_frozen() => AssertFrozen<FileState>("Requested=0 Finished=1 Removed=2");

    private static void AssertFrozen<T>(string expected) where T : struct, Enum =>
        Assert.Equal(expected, string.Join(' ', Enum.GetValues<T>().Select(value => $"{value}={Convert.ToInt32(value, null)}")));
}

using System.CommandLine;

namespace Mimu.Appliance.Cli.Admin.TokenKey;

/// <summary><c>mimu admin token-key rotate</c>: has a new key sign access tokens.</summary>
internal static class Rotate
{
    public static Command Command() =>
        new Command("rotate", "Have a new key sign access tokens. Those that clients hold stay good until they expire.\nExample: mimu admin token-key rotate")
            .Asks("/token-key/rotate", _ => [], answer => $"The key {answer.GetProperty("key_id").GetString()} signs from now on.\n");
}

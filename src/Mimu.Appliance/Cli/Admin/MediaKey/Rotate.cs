using System.CommandLine;

namespace Mimu.Appliance.Cli.Admin.MediaKey;

/// <summary><c>mimu admin media-key rotate</c>: has a new key sign the URLs of the built-in store.</summary>
internal static class Rotate
{
    public static Command Command() =>
        new Command("rotate", "Have a new key sign the URLs of files. Those that clients hold stay good until they expire.\nExample: mimu admin media-key rotate")
            .Asks("/media-key/rotate", _ => [], answer => $"The key {answer.GetProperty("key_id").GetString()} signs from now on.\n");
}

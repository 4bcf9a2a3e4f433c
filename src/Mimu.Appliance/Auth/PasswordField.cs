using Mimu.Appliance.Http;

namespace Mimu.Appliance.Auth;

/// <summary>A password that is asked for once more. Whether it is right is the operation's to say, so any text will do.</summary>
internal static class PasswordField
{
    /// <summary>No password is longer; what is, can't be right and is not looked at.</summary>
    private const int MaxSecret = 1024;

    public static string Password(this Fields fields) => fields.Text("password", 0, MaxSecret);
}

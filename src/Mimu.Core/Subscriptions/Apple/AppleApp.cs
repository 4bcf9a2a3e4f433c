namespace Mimu.Core.Subscriptions.Apple;

/// <summary>The app whose purchases count.</summary>
/// <param name="BundleId">Its name.</param>
/// <param name="ProductIds">The products that make premium. Of an app that sells other things too nobody can tell which were meant, so none named means that none counts.</param>
/// <param name="AllowSandbox">Whether purchases of Apple's test environment count.</param>
/// <param name="Root">Where signatures must end.</param>
public sealed record AppleApp(string BundleId, IReadOnlyCollection<string> ProductIds, bool AllowSandbox, AppleRoot Root)
{
    /// <summary>Why what is of that environment and app does not count; null when it does.</summary>
    internal AppleRefusal? Check(string? bundleId, AppleEnvironment? environment) =>
        // What is of no app is not of an app without a name.
        BundleId.Length == 0 || bundleId != BundleId ? AppleRefusal.OtherBundle : Check(environment);

    /// <inheritdoc cref="Check(string?, AppleEnvironment?)"/>
    internal AppleRefusal? Check(AppleEnvironment? environment) => environment switch
    {
        AppleEnvironment.Production => null,
        AppleEnvironment.Sandbox => AllowSandbox ? null : AppleRefusal.Sandbox,
        _ => AppleRefusal.OtherEnvironment,
    };
}

/// <summary>Where something was bought. What Xcode signs for tests on a developer's machine is nothing that anybody can verify, so it is not here.</summary>
public enum AppleEnvironment
{
    /// <summary>The App Store.</summary>
    Production = 1,

    /// <summary>Apple's test environment, where nothing costs anything.</summary>
    Sandbox = 2,
}

/// <summary>Reads the names of environments.</summary>
internal static class AppleEnvironments
{
    /// <summary>The environment that the <c>environment</c> member names; null for none that counts.</summary>
    /// <exception cref="FormatException">It is no text.</exception>
    public static AppleEnvironment? Environment(this AppleFields fields) => fields.Text("environment") switch
    {
        "Production" => AppleEnvironment.Production,
        "Sandbox" => AppleEnvironment.Sandbox,
        _ => null,
    };
}

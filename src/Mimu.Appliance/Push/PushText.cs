using Mimu.Core.Push;

namespace Mimu.Appliance.Push;

/// <summary>What pushes say, the same by all services (protocol 11.2).</summary>
internal static class PushText
{
    /// <summary>The member's name.</summary>
    public const string Type = "type";

    /// <summary>Apple's and the app's words for the text that is shown when the app can't say more (<c>loc-key</c>).</summary>
    public static string LocKey(PushKind kind) => kind is PushKind.Call ? "MIMU_CALL" : "MIMU_FETCH";

    public static string Word(PushKind kind) => kind is PushKind.Call ? "call" : "fetch";

    public static ReadOnlySpan<byte> Json(PushKind kind) => kind is PushKind.Call ? "{\"type\":\"call\"}"u8 : "{\"type\":\"fetch\"}"u8;

    /// <summary>Whole seconds, and none when the time is over.</summary>
    public static long Seconds(TimeSpan ttl, TimeSpan most) => ttl <= TimeSpan.Zero ? 0 : (long)Math.Ceiling((ttl < most ? ttl : most).TotalSeconds);
}

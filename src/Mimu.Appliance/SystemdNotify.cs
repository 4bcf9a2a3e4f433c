namespace Mimu.Appliance;

internal static class SystemdNotify
{
    public static void Ready()
    {
    }
}

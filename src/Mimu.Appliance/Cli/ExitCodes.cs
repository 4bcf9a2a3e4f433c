using Mimu.Core.Storage;

namespace Mimu.Appliance.Cli;

/// <summary>What the process ends with: 2 for a wrong command line, else sysexits.h.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;
    public const int Failed = 1;
    public const int Usage = 2;
    public const int DataError = 65; // EX_DATAERR
    public const int Unavailable = 69; // EX_UNAVAILABLE
    public const int CantCreate = 73; // EX_CANTCREAT
    public const int TemporaryFailure = 75; // EX_TEMPFAIL
    public const int NoPermission = 77; // EX_NOPERM
    public const int Configuration = 78; // EX_CONFIG

    public static int Of(StorageRefusal refusal) => refusal switch
    {
        StorageRefusal.NotWritable => CantCreate,
        StorageRefusal.InUse => TemporaryFailure,
        StorageRefusal.TooNew or StorageRefusal.Damaged => DataError,
        _ => Failed,
    };
}

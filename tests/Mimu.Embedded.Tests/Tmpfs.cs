using System.Diagnostics;
using Mimu.Specification;
using Xunit;

namespace Mimu.Embedded.Tests;

/// <summary>A small file system in memory, that can be filled up and mounted read-only. Only root may mount one.</summary>
internal sealed class Tmpfs : IDisposable
{
    private readonly TemporaryDirectory _at = new();

    private Tmpfs(string options) => Run("mount", "-t", "tmpfs", "-o", options, "mimu-tests", Path);

    public string Path => _at.Path;

    /// <summary>Null where one can be mounted, else the reason why not.</summary>
    public static string? Obstacle { get; } = Find();

    /// <param name="size">As tmpfs takes it: <c>4m</c>.</param>
    public static Tmpfs Mount(string size) => new($"size={size}");

    public void Remount(string options) => Run("mount", "-o", $"remount,{options}", Path);

    public void Dispose()
    {
        Run("umount", Path);
        _at.Dispose();
    }

    private static string? Find()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            return "only root may mount a file system";
        }
        try
        {
            Mount("1m").Dispose();
            return null;
        }
        catch (InvalidOperationException e)
        {
            return e.Message;
        }
    }

    private static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var complaint = process.StandardError.ReadToEnd();
        process.WaitForExitAsync().Hold(program);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {complaint.Trim()}");
        }
    }
}

/// <summary>Passed over, with the reason, where no file system can be mounted.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FactWithTmpfsAttribute : FactAttribute
{
    public FactWithTmpfsAttribute() => Skip = Tmpfs.Obstacle;
}

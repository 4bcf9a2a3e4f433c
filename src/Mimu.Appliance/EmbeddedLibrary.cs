using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Mimu.Appliance;

/// <summary>Two ways to give a shared library whose bytes are in the program a path, which the dynamic loader wants.</summary>
internal static partial class EmbeddedLibrary
{
    // linux/memfd.h, https://man7.org/linux/man-pages/man2/memfd_create.2.html
    private const uint MFD_CLOEXEC = 0x0001;
    private const uint MFD_EXEC = 0x0010; // says since Linux 6.3 that the file is meant to be executed; vm.memfd_noexec=2 refuses it

    // asm-generic/mman-common.h, https://man7.org/linux/man-pages/man2/madvise.2.html
    private const int MADV_DONTNEED = 4;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>From an anonymous file in memory, which needs no writable directory and leaves nothing behind.</summary>
    /// <exception cref="Win32Exception">The kernel or a sandbox forbids such files.</exception>
    public static string PutInMemory(string name, Stream content)
    {
        var descriptor = MemfdCreate(name, MFD_CLOEXEC | MFD_EXEC);
        if (descriptor < 0)
            descriptor = MemfdCreate(name, MFD_CLOEXEC); // an older kernel doesn't know MFD_EXEC and doesn't need it
        if (descriptor < 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError());

        // Stays open for good: the loader takes a path it has seen for the library it loaded from there, so the number must not be used again.
        var file = new SafeFileHandle(descriptor, ownsHandle: false);
        content.Position = 0;
        using (var memory = new FileStream(file, FileAccess.Write, bufferSize: 0))
            content.CopyTo(memory);
        if (content is UnmanagedMemoryStream resource)
            LetGo(resource);
        return $"/proc/self/fd/{descriptor}";
    }

    /// <summary>From a file in a directory that only this user can write to.</summary>
    /// <exception cref="IOException">The file can't be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory is not ours.</exception>
    public static string PutInDirectory(string name, Stream content, string directory)
    {
        directory = Path.GetFullPath(Path.Combine(directory, "native"));
        Directory.CreateDirectory(directory, OwnerOnly);
        File.SetUnixFileMode(directory, OwnerOnly); // refused if somebody else made it

        var path = Path.Combine(directory, name);
        if (!HasContent(path, content))
            Write(path, content);
        return path;
    }

    private static bool HasContent(string path, Stream content)
    {
        if (!File.Exists(path))
            return false;
        using var file = File.OpenRead(path);
        content.Position = 0;
        return SHA256.HashData(file).AsSpan().SequenceEqual(SHA256.HashData(content));
    }

    /// <summary>Under another name first: a program that runs may have the old file open, and half a file must never bear the name.</summary>
    private static void Write(string path, Stream content)
    {
        var temporary = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite };
            using (var file = new FileStream(temporary, options))
            {
                content.Position = 0;
                content.CopyTo(file);
                file.Flush(flushToDisk: true);
            }

            File.SetUnixFileMode(temporary, OwnerOnly);
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>
    /// Takes the resource's pages out of the process's memory: they are the program's own file and nobody reads them again, so 1.7 MB of SQLite would be
    /// resident twice. Whoever reads them nevertheless gets them from the file.
    /// </summary>
    private static unsafe void LetGo(UnmanagedMemoryStream resource)
    {
        resource.Position = 0;
        var page = (nuint)Environment.SystemPageSize;
        var begin = ((nuint)resource.PositionPointer + page - 1) / page * page;
        var end = ((nuint)resource.PositionPointer + (nuint)resource.Length) / page * page;
        if (end > begin)
            _ = Advise(begin, end - begin, MADV_DONTNEED); // what is refused costs memory only
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nuint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);
}

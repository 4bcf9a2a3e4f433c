using System.Text;

namespace Mimu.Appliance.Configuration;

/// <summary>Reads small files, and says what is wrong in words instead of exceptions.</summary>
internal static class TextFile
{
    public const string Missing = "no such file";

    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Why the file can't be read, or null.</summary>
    public static string? Probe(string path) => Open(path, _ => null);

    /// <summary>The file's text; or why it can't be read, and at which line if it is one line's fault.</summary>
    public static string? Read(string path, int maxBytes, out string text, out int line)
    {
        var read = "";
        var at = 0;
        var problem = Open(path, stream =>
        {
            // Bounded by what is read, not by the length: a device such as /dev/zero has none.
            var bytes = new byte[maxBytes + 1];
            var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (count > maxBytes)
                return $"larger than {maxBytes >> 10} KiB, which is more than it can need";
            return Decode(bytes.AsSpan(0, count), out read, out at);
        });
        text = read;
        line = at;
        return problem;
    }

    private static string? Open(string path, Func<FileStream, string?> use)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return use(stream);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return IsLink(path) ? "a symbolic link to nothing" : Missing;
        }
        catch (UnauthorizedAccessException)
        {
            return Directory.Exists(path) ? "a directory, not a file" : "permission denied";
        }
        catch (Exception e) when (e is IOException or ArgumentException or NotSupportedException)
        {
            return OneLine.EscapePath(e.Message);
        }
    }

    private static bool IsLink(string path)
    {
        try
        {
            return new FileInfo(path).LinkTarget is not null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? Decode(ReadOnlySpan<byte> bytes, out string text, out int line)
    {
        text = "";
        line = 0;
        if (bytes.StartsWith(Encoding.UTF8.Preamble))
            bytes = bytes[Encoding.UTF8.Preamble.Length..];
        try
        {
            text = _strict.GetString(bytes);
            return null;
        }
        catch (DecoderFallbackException e)
        {
            line = bytes[..e.Index].Count((byte)'\n') + 1;
            return "not text in UTF-8";
        }
    }
}

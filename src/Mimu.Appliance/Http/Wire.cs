using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mimu.Appliance.Gateway;

namespace Mimu.Appliance.Http;

/// <summary>How values look on the wire (protocol section 1).</summary>
internal static class Wire
{
    /// <summary>JSON is never put into a page here, so that <c>+</c> and <c>/</c> of Base64 need no escapes.</summary>
    private static readonly JsonWriterOptions _options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    /// <summary>RFC 3339 in UTC with milliseconds.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>Bytes that may be absent. As a member of type <c>byte[]</c> null would be written as empty: the generated serialisers do not look.</summary>
    public static string? Base64(byte[]? bytes) => bytes is null ? null : Convert.ToBase64String(bytes);

    /// <summary>The bytes that <paramref name="write"/> wrote.</summary>
    public static byte[] Bytes<TState>(TState state, Action<Utf8JsonWriter, TState> write)
    {
        var buffer = _buffer ?? new ArrayBufferWriter<byte>(4096);
        _buffer = null;
        Write(buffer, state, write);
        var bytes = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity <= MaxKeptBuffer)
        {
            buffer.ResetWrittenCount();
            _buffer = buffer;
        }
        return bytes;
    }

    /// <summary>The same as a WebSocket's text frame.</summary>
    public static byte[] Frame<TState>(TState state, Action<Utf8JsonWriter, TState> write) => Frames.Text(Bytes(state, write));

    /// <summary>Writes JSON into a buffer, with a writer that each thread keeps.</summary>
    public static void Write<TState>(IBufferWriter<byte> buffer, TState state, Action<Utf8JsonWriter, TState> write)
    {
        var writer = _writer ?? new Utf8JsonWriter(buffer, _options);
        _writer = null;
        writer.Reset(buffer);
        write(writer, state);
        writer.Flush();
        _writer = writer;
    }

    /// <summary>A thread keeps a buffer for ordinary messages; one that grew for a large one is let go.</summary>
    private const int MaxKeptBuffer = 64 * 1024;
}

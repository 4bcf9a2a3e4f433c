using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Text.Json;
using Mimu.Appliance.Gateway;
using Mimu.Appliance.Http;
using Mimu.Appliance.Messages;
using Mimu.Core;
using Mimu.Core.Events;
using Mimu.Core.Messages;

namespace Mimu.Appliance.Tests.Messages;

/// <summary>What is written by hand is what the serialiser would write, byte for byte.</summary>
public class MessageTextTests
{
    private static readonly Guid _id = Guid.Parse("0197f3a0-c4d2-7abc-8def-0123456789ab");

    private static readonly Message _message = new(
        new MessageId(_id), 5, new ChatId(Guid.Empty), new UserId(Guid.AllBitsSet), 1, "text", [0xFB, 0xEF, 0xFF, 0xFE], null, null, At(0), null, null, null);

    [Fact]
    public void Every_combination_of_what_may_be_absent_is_written_alike()
    {
        for (var present = 0; present < 32; present++)
        {
            AssertAlike(_message with
            {
                ReplyTo = Is(1) ? new MessageId(_id) : null,
                ForwardedFrom = Is(2) ? new MessageId(Guid.Empty) : null,
                EditedAt = Is(4) ? At(1) : null,
                ExpiresAt = Is(8) ? At(999) : null,
                ClientMessageId = Is(16) ? _id : null,
            });
            bool Is(int bit) => (present & bit) != 0;
        }
    }

    [Fact]
    public void Payloads_of_all_sizes_are_written_alike()
    {
        for (var size = 0; size <= 1000; size++)
        {
            AssertAlike(_message with { Payload = [.. Enumerable.Range(0, size).Select(i => (byte)((i * 167) + size))] });
        }
        AssertAlike(_message with { Payload = new byte[256 << 10] });
    }

    [Fact]
    public void Times_are_written_alike_to_the_edges()
    {
        foreach (var time in (DateTimeOffset[])[
            At(0), At(1), At(9), At(10), At(99), At(100), At(999), At(999).AddTicks(9999), At(0).AddTicks(-1), DateTimeOffset.MinValue, DateTimeOffset.MaxValue,
            DateTimeOffset.UnixEpoch, new(2028, 2, 29, 23, 59, 59, 999, TimeSpan.Zero), new(2027, 1, 1, 0, 30, 0, TimeSpan.FromHours(14)),
            new(999, 9, 9, 9, 9, 9, 9, TimeSpan.FromHours(-3.5))])
        {
            AssertAlike(_message with { CreatedAt = time, EditedAt = time, ExpiresAt = time });
        }
    }

    [Theory]
    [InlineData(0, "a")]
    [InlineData(127, "a.b_c-9")]
    [InlineData(int.MaxValue, "abcdefghijklmnopqrstuvwxyz012345")]
    [InlineData(int.MinValue, "_")]
    public void Numbers_and_types_are_written_alike(int device, string type) => AssertAlike(_message with
    {
        SenderDeviceId = device,
        Type = type,
        ReplyTo = new MessageId(_id),
        ForwardedFrom = new MessageId(_id),
        EditedAt = At(1),
        ExpiresAt = At(2),
        ClientMessageId = _id,
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(127)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    public void A_frame_s_header_tells_its_length_in_the_fewest_bytes(int length)
    {
        var content = new byte[length];
        content.AsSpan().Fill(0x5A);
        var frame = Frames.Text(content);
        Assert.Equal(0x81, frame[0]);
        var (told, size) = frame[1] switch
        {
            126 => (BinaryPrimitives.ReadUInt16BigEndian(frame.AsSpan(2)), 4),
            127 => (BinaryPrimitives.ReadUInt64BigEndian(frame.AsSpan(2)), 10),
            var small => (small, 2),
        };
        Assert.Equal((ulong)length, told);
        Assert.Equal(length < 126 ? 2 : length < 65_536 ? 4 : 10, size);
        Assert.Equal(content, frame[size..]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("\"\\/\b\f\n\r\t\u0000\u001f\u007f+<>&'")]
    [InlineData("é 🦊 \ue000 \u2028 \ufeff")]
    public void An_acknowledgement_s_id_is_escaped_as_everywhere(string id)
    {
        foreach (var text in (string[])[id, string.Concat(Enumerable.Repeat(id, 64 / Math.Max(1, id.Length)))])
        {
            var frame = BytesOf(ServerFrames.Ack(text, _message));
            var content = frame.AsSpan(frame[1] == 126 ? 4 : 2).ToArray();
            Assert.Equal(Wire.Bytes((text, _message), static (writer, ack) =>
            {
                writer.WriteStartObject();
                writer.WriteString("type"u8, "Ack"u8);
                writer.WriteString("id"u8, ack.text);
                writer.WritePropertyName("data"u8);
                JsonSerializer.Serialize(writer, MessageBody.From(ack._message, forSender: true), MimuJson.Default.MessageBody);
                writer.WriteEndObject();
            }), content);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(512)]
    [InlineData(48_800)]
    [InlineData(262_144)]
    public void A_message_for_one_socket_has_the_same_bytes_as_one_for_many(int size)
    {
        var frame = MessageFrame.Event("NewMessage", new Cursor(7, 9), _message with { Payload = new byte[size] }, forSender: false);
        var alone = BytesOf(frame.ForOneMore());
        var shared = BytesOf(frame.ForOneMore());
        Assert.Equal(alone, shared);
        Assert.InRange(alone.Length, size, frame.MaxLength);
        var header = alone[1] == 126 ? 4 : 10;
        Assert.Equal(alone.Length - header, header == 4 ? BinaryPrimitives.ReadUInt16BigEndian(alone.AsSpan(2)) : (int)BinaryPrimitives.ReadUInt64BigEndian(alone.AsSpan(2)));
        var content = JsonDocument.Parse(alone.AsMemory(header)).RootElement;
        Assert.Equal("NewMessage", content.GetProperty("type").GetString());
        Assert.Equal(new Cursor(7, 9).ToString(), content.GetProperty("cursor").GetString());
        Assert.Equal(size, content.GetProperty("data").GetProperty("encrypted_payload").GetBytesFromBase64().Length);
    }

    private static byte[] BytesOf(ServerFrame frame)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        frame.WriteTo(pipe.Writer);
        pipe.Writer.Complete();
        Assert.True(pipe.Reader.TryRead(out var read));
        return read.Buffer.ToArray();
    }

    private static DateTimeOffset At(int milliseconds) => new(2026, 11, 22, 18, 50, 7, milliseconds, TimeSpan.Zero);

    private static void AssertAlike(Message message)
    {
        foreach (var forSender in (bool[])[true, false])
        {
            var expected = Wire.Bytes(MessageBody.From(message, forSender), static (writer, body) => JsonSerializer.Serialize(writer, body, MimuJson.Default.MessageBody));
            var target = new byte[MessageText.MaxLength(message)];
            var written = MessageText.Write(target, message, forSender);
            Assert.Equal(System.Text.Encoding.UTF8.GetString(expected), System.Text.Encoding.UTF8.GetString(target, 0, written));
        }
    }
}

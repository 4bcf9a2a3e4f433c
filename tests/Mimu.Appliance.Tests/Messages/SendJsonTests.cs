using System.Buffers;
using System.Text;
using Mimu.Appliance.Http;
using Mimu.Appliance.Messages;
using Mimu.Core.Messages;

namespace Mimu.Appliance.Tests.Messages;

/// <summary>What is read in one pass is what the careful reader reads, and what that one refuses is never taken.</summary>
public class SendJsonTests
{
    private const string Chat = "0197f3a0-c4d2-7abc-8def-0123456789ab";

    private const int MaxPayload = 12;

    private static readonly MessageBodies _bodies = new(new Core.Limits { MaxPayload = MaxPayload });

    /// <summary>Values for any member: good ones and every kind of bad one.</summary>
    private static readonly string[] _values =
    [
        "null", "true", "0", "1", "-1", "1.0", "1e0", "31536000", "31536001", "9223372036854775807", "9223372036854775808", "[]", "{}", "\"\"", "\"text\"", "\"Text\"", "\"a.b_c-9\"",
        $"\"{Chat}\"", $"\"{Chat.ToUpperInvariant()}\"", "\"0197f3a0c4d27abc8def0123456789ab\"", $"\"{{{Chat}}}\"", $"\" {Chat}\"", "\"0197f3a0-c4d2-7abc-8def-0123456789a\\u0062\"",
        "\"QUJD\"", "\"QUI=\"", "\"QUJ=\"", "\"QQ==\"", "\"QUJDREVGR0hJSktM\"", "\"QUJDREVGR0hJSktMTU5P\"", "\"QUJ\\u0044\"", "\"+/+/\"", "\"+\\/+\\/\"", "\"-_-_\"", "\"QU JD\"",
        "\"SendMessage\"", "\"Send\\u004dessage\"", "\"Ping\"", $"\"{new string('i', 64)}\"", $"\"{new string('i', 65)}\"", "\"é\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\\u0000\"", "\"tab\tinside\"",
    ];

    private static readonly string[] _names =
    [
        "type", "id", "chat_id", "encrypted_payload", "message_type", "reply_to", "client_message_id", "membership_version", "expires_in", "other", "Type", "", "type\\u0000", "typ\\u0065",
    ];

    private static readonly (string Name, string Value)[] _plain =
    [
        ("type", "\"SendMessage\""), ("id", "\"1\""), ("chat_id", $"\"{Chat}\""), ("encrypted_payload", "\"QUJD\""), ("message_type", "\"text\""), ("reply_to", $"\"{Chat}\""),
        ("client_message_id", $"\"{Chat}\""), ("membership_version", "3"), ("expires_in", "60"),
    ];

    [Fact]
    public void A_plain_frame_and_a_plain_body_are_read_in_one_pass()
    {
        Assert.True(SendJson.TryReadFrame(Text(_plain), MaxPayload, out var id, out var frame));
        Assert.Equal("1", id);
        var body = Text(_plain[2..]);
        Assert.True(SendJson.TryReadBody(body, MaxPayload, out var command));
        AssertSame(frame, command);
        Assert.Equal((60, 3L, "text"), (command.ExpiresIn, command.MembershipVersion, command.Type));
        Assert.Equal("ABC"u8, command.Payload);
        Assert.Equal(Guid.Parse(Chat), command.ReplyTo?.Value);
    }

    [Fact]
    public void Any_member_with_any_value_is_read_as_the_careful_reader_reads_it()
    {
        var taken = 0;
        foreach (var isFrame in (bool[])[true, false])
        {
            foreach (var name in _names)
            {
                foreach (var value in _values)
                {
                    var rest = (isFrame ? _plain : _plain[2..]).Where(member => member.Name != name).ToArray();
                    taken += Compare(Text([.. rest, (name, value)]), isFrame) ? 1 : 0;
                    // There twice.
                    Assert.False(Compare(Text([(name, value), .. rest, (name, value)]), isFrame));
                }
            }
        }
        Assert.InRange(taken, 50, 500);
    }

    [Fact]
    public void Any_byte_changed_added_or_left_out_is_read_as_the_careful_reader_reads_it()
    {
        var whole = Text(_plain);
        for (var at = 0; at < whole.Length; at++)
        {
            Compare([.. whole[..at], .. whole[(at + 1)..]], isFrame: true);
            foreach (var other in "\"\\{}[],:x0 \n\t/=\0\u007f"u8.ToArray().Append((byte)0xC3).Append((byte)0xFF))
            {
                Compare([.. whole[..at], other, .. whole[(at + 1)..]], isFrame: true);
                Compare([.. whole[..at], other, .. whole[at..]], isFrame: true);
            }
            Compare(whole[..at], isFrame: true);
        }
        foreach (var tail in (string[])[" ", "\n", ",", "{}", "x", "\0", "//"])
        {
            Compare([.. whole, .. Encoding.UTF8.GetBytes(tail)], isFrame: true);
        }
    }

    [Fact]
    public void A_required_member_that_is_missing_is_left_to_the_careful_reader()
    {
        foreach (var name in (string[])["type", "chat_id", "encrypted_payload", "message_type"])
        {
            Assert.False(Compare(Text([.. _plain.Where(member => member.Name != name)]), isFrame: true));
        }
    }

    /// <summary>Whether it was read in one pass; then it must have been read alike.</summary>
    private static bool Compare(byte[] json, bool isFrame)
    {
        string? id = null;
        var isTaken = isFrame ? SendJson.TryReadFrame(json, MaxPayload, out id, out var command) : SendJson.TryReadBody(json, MaxPayload, out command);
        if (!isTaken)
        {
            return false;
        }
        Assert.True(JsonText.TryParse(new ReadOnlySequence<byte>(json), out var document, out var reason), reason);
        using (document)
        {
            var careful = JsonText.Read(document.RootElement, _bodies.Send);
            Assert.True(careful.IsOk, Encoding.UTF8.GetString(json));
            AssertSame(careful.Value, command!);
            if (isFrame)
            {
                Assert.Equal("SendMessage", document.RootElement.GetProperty("type").GetString());
                Assert.Equal(document.RootElement.TryGetProperty("id", out var told) ? told.GetString() : null, id);
            }
        }
        return true;
    }

    private static void AssertSame(SendMessageCommand expected, SendMessageCommand actual)
    {
        Assert.Equal(expected.Payload, actual.Payload);
        byte[] none = [];
        Assert.Equal(expected with { Payload = none }, actual with { Payload = none });
    }

    private static byte[] Text((string Name, string Value)[] members) =>
        Encoding.UTF8.GetBytes($"{{{string.Join(',', members.Select(member => $"\"{member.Name}\":{member.Value}"))}}}");
}

using System.Buffers.Text;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using Mimu.PushStandIns;

namespace Mimu.Smoke;

/// <summary>
/// The published program before push services that speak the real protocols: who is woken, what the services learn of it, and what becomes of one that does not answer (protocol 11.2).
/// </summary>
public sealed class PushTests : IAsyncLifetime
{
    /// <summary>More than a message or a push takes on a busy machine, and less than the 10 s after which a service that does not answer is given up.</summary>
    private static readonly TimeSpan _undisturbed = TimeSpan.FromSeconds(4);

    /// <summary>All that may be in the head of a push. Whatever is new there is to be thought about.</summary>
    private static readonly Dictionary<string, string[]> _headers = new()
    {
        [PushServices.Fcm] = ["Host", "Authorization", "Content-Type", "Content-Length"],
        [PushServices.Apns] = [":method", ":path", ":scheme", ":authority", "Host", "Authorization", "Content-Type", "Content-Length",
            "apns-topic", "apns-push-type", "apns-priority", "apns-expiration", "apns-collapse-id"],
        [PushServices.WebPush] = ["Host", "Authorization", "Content-Type", "Content-Length", "Content-Encoding", "TTL", "Urgency", "Topic"],
    };

    private PushServices _services = null!;

    public async Task InitializeAsync() => _services = await PushServices.StartAsync();

    public async Task DisposeAsync()
    {
        await _services.DisposeAsync();
        _services.ExpectNoFaults();
    }

    [Fact]
    public async Task A_message_for_who_is_away_is_pushed_by_every_platform_and_tells_the_services_nothing_of_it()
    {
        var (server, address) = await _services.ServeAsync();
        await using var program = server;
        string[] names = ["alice_the_sender", "bob_who_is_away", "dave_who_sends_too", "carol_who_is_away_too"];
        var people = await Task.WhenAll(names.Select(name => Client.RegisterAsync(address, name)));
        var tokens = new HashSet<string>();
        foreach (var platform in PushServices.Platforms)
        {
            tokens.UnionWith([await _services.RegisterAsync(people[1], platform), await _services.RegisterAsync(people[3], platform)]);
        }
        string[] texts = ["Meet me under the bridge!", new string('x', 4000)];
        string[] chats = [await people[0].OpenChatAsync(people[1]), await people[2].OpenChatAsync(people[3])];
        string[] messages = [await people[0].SendAsync(chats[0], texts[0]), await people[2].SendAsync(chats[1], texts[1])];
        string[] secrets = [.. names, .. texts, .. texts.SelectMany(text => FormsOf(Encoding.UTF8.GetBytes(text))),
            .. ((string[])[.. people.Select(person => person.UserId), .. chats, .. messages]).SelectMany(id => (string[])[id, .. FormsOf(new Guid(id).ToByteArray(bigEndian: true))])];

        foreach (var platform in PushServices.Platforms)
        {
            ReceivedPush[] pushes = [await _services.NextAsync(platform), await _services.NextAsync(platform)];
            foreach (var push in pushes)
            {
                Assert.True(tokens.Remove(push.Token), $"{push.Token} was not registered, or came twice");
                Assert.Equal("fetch", push.Kind);
                Assert.Subset(_headers[platform].ToHashSet(StringComparer.OrdinalIgnoreCase), push.Request.Headers.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase));
                var readable = ReadableOf(push.Request);
                Assert.All(secrets, secret => Assert.DoesNotContain(secret, readable, StringComparison.OrdinalIgnoreCase));
                // That the search would have found something.
                Assert.Contains(platform == PushServices.WebPush ? "mailto:admin@example.org" : "fetch", readable, StringComparison.Ordinal);
            }
            // Of different senders, in different chats, of different lengths.
            Assert.Equal(pushes[0].Request.Body.Length, pushes[1].Request.Body.Length);
        }
        Assert.Empty(tokens);
    }

    [Fact]
    public async Task Who_has_a_socket_open_is_not_pushed_and_who_has_none_is()
    {
        var (server, address) = await _services.ServeAsync();
        await using var program = server;
        var (alice, bob, carol) = (await Client.RegisterAsync(address, "alice"), await Client.RegisterAsync(address, "bob"), await Client.RegisterAsync(address, "carol"));
        var chat = await alice.OpenChatAsync(bob, carol);
        Dictionary<string, string> bobs = [], carols = [];
        foreach (var platform in PushServices.Platforms)
        {
            (bobs[platform], carols[platform]) = (await _services.RegisterAsync(bob, platform), await _services.RegisterAsync(carol, platform));
        }
        using (var socket = await bob.OpenSocketAsync())
        {
            var buffer = new byte[64 * 1024];
            Assert.Equal("Hello", (string?)(await Client.ReceiveAsync(socket, buffer))!["type"]);
            await alice.SendAsync(chat, "hello");
            Assert.Equal("NewMessage", (string?)(await Client.ReceiveAsync(socket, buffer))!["type"]);
            foreach (var platform in PushServices.Platforms)
            {
                Assert.Equal(carols[platform], (await _services.NextAsync(platform)).Token);
            }
            await _services.AwaitEmptyQueueAsync();
            Assert.All(_services.All, service => Assert.Single(service.Pushes));
            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, default);
        }
        await alice.SendAsync(chat, "and now?");
        foreach (var platform in PushServices.Platforms)
        {
            string[] woken = [(await _services.NextAsync(platform)).Token, (await _services.NextAsync(platform)).Token];
            Assert.Equal([.. ((string[])[bobs[platform], carols[platform]]).Order()], woken.Order());
        }
    }

    [Fact]
    public async Task A_service_that_never_answers_delays_neither_another_nor_messages()
    {
        var (server, address) = await _services.ServeAsync();
        await using var program = server;
        var alice = await Client.RegisterAsync(address, "alice");
        var sleepers = await Task.WhenAll(Enumerable.Range(0, 12).Select(number => Client.RegisterAsync(address, $"sleeper_{number}")));
        // More than there may be under way at a time, and no more of one account than that may have.
        foreach (var sleeper in sleepers)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _services.RegisterAsync(sleeper, PushServices.Fcm)));
        }
        var others = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => Client.RegisterAsync(address, $"other_{number}")));
        await Task.WhenAll(others.Select(other => _services.RegisterAsync(other, PushServices.WebPush)));
        await Task.WhenAll(others.Select(other => _services.RegisterAsync(other, PushServices.Apns)));
        var crowd = await alice.OpenChatAsync(sleepers);
        var chats = await Task.WhenAll(others.Select(other => alice.OpenChatAsync(other)));
        _services.Google.Answer = _ => StandInAnswer.Silence;

        await alice.SendAsync(crowd, "wake up");
        for (var i = 0; i < 64; i++)
        {
            await _services.NextAsync(PushServices.Fcm);
        }
        var watch = Stopwatch.StartNew();
        foreach (var chat in chats)
        {
            await alice.SendAsync(chat, "hello");
        }
        foreach (var platform in (string[])[PushServices.WebPush, PushServices.Apns])
        {
            for (var i = 0; i < others.Length; i++)
            {
                await _services.NextAsync(platform);
            }
        }
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, _undisturbed);
        Assert.Equal(64, _services.Google.Pushes.Count);
    }

    /// <summary>All that a service can read: of the tokens in the head also what they claim.</summary>
    private static string ReadableOf(ReceivedRequest request)
    {
        var text = new StringBuilder($"{request.Method} {request.Target}\n");
        foreach (var (name, value) in request.Headers)
        {
            text.Append(name).Append(": ").AppendLine(value);
            foreach (var part in value.Split([' ', '.', '=', ',']).Where(part => part.Length > 20 && Base64Url.IsValid(part)))
            {
                text.AppendLine(Encoding.Latin1.GetString(Base64Url.DecodeFromChars(part)));
            }
        }
        return text.Append(Encoding.Latin1.GetString(request.Body)).ToString();
    }

    /// <summary>How bytes may be hidden.</summary>
    private static string[] FormsOf(byte[] bytes) => [Convert.ToHexString(bytes), Convert.ToBase64String(bytes).TrimEnd('='), Base64Url.EncodeToString(bytes), Encoding.Latin1.GetString(bytes)];
}

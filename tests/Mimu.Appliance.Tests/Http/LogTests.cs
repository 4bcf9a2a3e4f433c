using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Http;

/// <summary>Protocol section 7 and SECURITY.md: what never reaches a log, at no level.</summary>
public class LogTests
{
    [Fact]
    public async Task No_secret_payload_or_query_string_is_logged_at_any_level()
    {
        await using var host = await Host.Start(options => options.Log.Level = LogLevel.Trace);
        using var book = new LogBook();
        host.Services.GetRequiredService<ILoggerFactory>().AddProvider(book);
        var secrets = await TalkAsync(host);
        await host.StopAsync();
        Assert.NotEmpty(book.Entries);
        foreach (var secret in secrets)
        {
            Assert.DoesNotContain(book.Entries, entry => entry.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public async Task A_bug_is_logged_under_its_trace_id_and_not_told_to_the_client()
    {
        await using var host = await Host.Start();
        using var book = new LogBook();
        host.Services.GetRequiredService<ILoggerFactory>().AddProvider(book);
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        await alice.ConnectAsync();
        host.Sql("DROP TABLE prekeys");
        host.Sql("ALTER TABLE messages RENAME COLUMN payload TO lost");

        var answer = await alice.Http.GetAsync($"/users/{bob.PublicId}/prekeys");
        var problem = answer.ExpectProblem(500, "internal_error");
        Assert.Contains(book.Entries, entry => entry.StartsWith("Error", StringComparison.Ordinal)
            && entry.Contains((string)problem["trace_id"]!, StringComparison.Ordinal) && entry.Contains("no such table: prekeys", StringComparison.Ordinal));
        foreach (var inside in (string[])["table", "SQL", "Mimu.", " at ", host.DataDirectory, "Exception"])
        {
            Assert.DoesNotContain(inside, answer.Text, StringComparison.OrdinalIgnoreCase);
        }
        // The same over a socket, which lives on.
        var frame = Person.MessageOf(chat, [1]);
        (frame["type"], frame["id"]) = ("SendMessage", "1");
        await alice.Socket.SendAsync(frame);
        Assert.DoesNotContain("SQL", (await alice.Socket.ExpectErrorAsync("internal_error", "1")).ToJsonString(), StringComparison.OrdinalIgnoreCase);
        await alice.Socket.ExpectNothingElseAsync();
        (await bob.Http.GetAsync("/api/v1/sync")).Expect(200);
    }

    /// <summary>A bit of everything, good and bad; answers with what must not be found.</summary>
    private static async Task<string[]> TalkAsync(Host host)
    {
        var alice = await host.RegisterAsync("alice", registration => registration.WithOneTimePrekeys(2).Body["password"] = "a password of mine");
        var bob = await host.RegisterAsync("bob");
        var access = alice.AccessToken;
        var chat = await alice.CreateDirectAsync(bob);
        (await bob.Http.GetAsync($"/users/{alice.PublicId}/prekeys?device_id=1&why=secretquery")).Expect(200);
        (await bob.Http.GetAsync("/users/search?q=secretquery")).Expect(200);
        await host.Anonymous.PostAsync("/auth/login", new JsonObject { ["public_id"] = alice.PublicId, ["password"] = "a wrong password" });
        await host.Anonymous.PostAsync("/auth/login?why=secretquery", """{ "public_id": "x", "password": "a broken body """);
        var payload = "the payload of a message"u8.ToArray();
        await alice.SendAsync(chat, payload);
        var cursor = await bob.CursorAsync();
        await using (var socket = await EventSocket.OpenAsync(host.Address, bob.AccessToken, cursor, tokenInQuery: true))
        {
            await socket.ExpectHelloAsync();
            var frame = Person.MessageOf(chat, payload);
            (frame["type"], frame["id"]) = ("SendMessage", "1");
            await socket.SendAsync(frame);
            await socket.SendAsync(new JsonObject { ["type"] = "Authenticate", ["token"] = access });
            await socket.SendAsync("a frame that is nonsense");
            socket.Abort();
        }
        await host.Anonymous.GetAsync("/ws?token=secretquery");
        var refresh = alice.RefreshToken;
        await alice.RefreshAsync();
        await alice.TryRefreshAsync(refresh);
        using (var raw = new RawConnection(host.Address))
        {
            await raw.WriteAsync($"GET /ws?token={bob.AccessToken} HTTP/1.1\r\nHost: a\r\nHost: b\r\nNo header secretheader\r\n\r\n");
            await raw.ReadHeadAsync();
        }
        await host.CloseDatabaseAsync();
        await bob.Http.GetAsync("/api/v1/sync?since=secretquery");
        return
        [
            "a password of mine", "a wrong password", "a broken body", "a frame that is", access, access.Split('.')[2], alice.AccessToken, refresh, alice.RefreshToken,
            bob.AccessToken, bob.RefreshToken, "secretquery", "secretheader", "since=", "token=", Convert.ToBase64String(payload), "the payload of",
            (string)alice.Registration.Body["identity_key"]!, (string)alice.Registration.Body["one_time_prekeys"]![0]!["public_key"]!,
        ];
    }
}

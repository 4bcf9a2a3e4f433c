using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Chats;

/// <summary>Protocol section 4: who may do nothing at all.</summary>
public class AccessTests(Host host) : IClassFixture<Host>
{
    [Fact]
    public async Task Without_a_token_or_with_one_of_an_ended_session_nothing_is_done()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        var chat = await alice.CreateGroupAsync(bob);
        var message = (string)(await bob.SendAsync(chat, "hello"))["message_id"]!;
        var ended = await alice.SignInAgainAsync();
        (await ended.Http.PostAsync("/auth/logout")).ExpectNothing();
        await using var watch = await Watch.OnAsync(alice, bob, carol);
        foreach (var (http, code) in ((Stage.Http, string)[])[(host.Anonymous, "unauthorized"), (ended.Http, "session_ended")])
        {
            var path = $"/api/v1/chats/{chat}";
            Answer[] answers =
            [
                await http.GetAsync("/api/v1/chats"),
                await http.GetAsync(path),
                await http.PostAsync("/api/v1/chats", new JsonObject { ["participant_ids"] = new JsonArray(carol.UserId) }),
                await http.PatchAsync(path, new JsonObject { ["message_ttl"] = 1 }),
                await http.PostAsync($"{path}/participants", new JsonObject { ["user_id"] = carol.UserId }),
                await http.DeleteAsync($"{path}/participants/{bob.UserId}"),
                await http.PatchAsync($"{path}/participants/{bob.UserId}", new JsonObject { ["role"] = "admin" }),
                await http.PutAsync($"{path}/read-marker", new JsonObject { ["message_id"] = message }),
            ];
            Assert.All(answers, answer => answer.ExpectProblem(401, code));
        }
        await watch.ExpectNothingAsync();
    }
}

using System.Text.Json.Nodes;

namespace Mimu.Appliance.Tests.Stage;

/// <summary>What people do with their chats (protocol section 4), and what they learn of them.</summary>
internal static class ChatVerbs
{
    public static Task<Answer> TryGetChatAsync(this Person person, string chat) => person.Http.GetAsync($"/api/v1/chats/{chat}");

    public static async Task<JsonObject> GetChatAsync(this Person person, string chat) => (await person.TryGetChatAsync(chat)).Expect(200);

    public static Task<Answer> TryListChatsAsync(this Person person, string query = "") => person.Http.GetAsync($"/api/v1/chats{query}");

    /// <summary>One page of somebody's chats, by their ids, and where it goes on.</summary>
    public static async Task<(string[] Chats, string? Next)> ListChatsAsync(this Person person, string query = "")
    {
        var page = (await person.TryListChatsAsync(query)).Expect(200);
        return ([.. page["chats"]!.AsArray().Select(chat => (string)chat!["chat_id"]!)], (string?)page["next"]);
    }

    public static Task<Answer> ChangeChatAsync(this Person person, string chat, JsonObject body) => person.Http.PatchAsync($"/api/v1/chats/{chat}", body);

    public static Task<Answer> AddAsync(this Person person, string chat, Person whom) => person.AddAsync(chat, whom.UserId);

    public static Task<Answer> AddAsync(this Person person, string chat, string userId) =>
        person.Http.PostAsync($"/api/v1/chats/{chat}/participants", new JsonObject { ["user_id"] = userId });

    public static Task<Answer> RemoveAsync(this Person person, string chat, Person whom) => person.Http.DeleteAsync($"/api/v1/chats/{chat}/participants/{whom.UserId}");

    public static Task<Answer> LeaveAsync(this Person person, string chat) => person.RemoveAsync(chat, person);

    public static Task<Answer> GiveRoleAsync(this Person person, string chat, Person whom, string role) =>
        person.Http.PatchAsync($"/api/v1/chats/{chat}/participants/{whom.UserId}", new JsonObject { ["role"] = role });

    public static Task<Answer> MarkReadAsync(this Person person, string chat, string message, bool? isPrivate = null)
    {
        var body = new JsonObject { ["message_id"] = message };
        if (isPrivate is { } told)
        {
            body["private"] = told;
        }
        return person.Http.PutAsync($"/api/v1/chats/{chat}/read-marker", body);
    }

    public static async Task BlockAsync(this Person person, Person whom) => (await person.Http.PutAsync($"/users/me/blocks/{whom.PublicId}")).ExpectNothing();

    public static async Task DeleteAccountAsync(this Person person) => (await person.Http.DeleteAsync("/users/me", person.Password)).ExpectNothing();

    /// <summary>The types of all events after a cursor.</summary>
    public static async Task<string[]> SyncTypesAsync(this Person person, string since) => [.. (await person.SyncAllAsync(since)).Select(happened => (string)happened["type"]!)];

    /// <summary>Who is in a chat, in its order, with their roles.</summary>
    public static (string UserId, string Role)[] Participants(this JsonObject chat) =>
        [.. chat["participants"]!.AsArray().Select(one => ((string)one!["user_id"]!, (string)one["role"]!))];
}

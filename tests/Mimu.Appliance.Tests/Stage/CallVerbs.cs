using System.Text.Json.Nodes;

namespace Mimu.Appliance.Tests.Stage;

/// <summary>What people say of calls over their sockets (protocol section 9).</summary>
internal static class CallVerbs
{
    private static int _frames;

    public static string NewCall() => Guid.NewGuid().ToString();

    /// <summary>Says something; the answer is still to come.</summary>
    /// <returns>The frame's id.</returns>
    public static async Task<string> SaySomethingAsync(this EventSocket socket, string type, string to, string call, string payload = "{}", string more = "")
    {
        var id = $"call {Interlocked.Increment(ref _frames)}";
        await socket.SendAsync($$"""{ "type": "{{type}}", "id": "{{id}}", "to": "{{to}}", "call_id": "{{call}}", "payload": {{payload}}{{more}} }""");
        return id;
    }

    /// <summary>Says something, which must be taken.</summary>
    /// <returns>Whether somebody was told.</returns>
    public static async Task<bool> SayAsync(this EventSocket socket, string type, string to, string call, string payload = "{}", string more = "")
    {
        var ack = await socket.ExpectAckAsync(await socket.SaySomethingAsync(type, to, call, payload, more));
        Assert.Equal(["delivered"], ack.Select(member => member.Key));
        return (bool)ack["delivered"]!;
    }

    /// <summary>Says something that is refused.</summary>
    public static async Task<JsonObject> ExpectRefusalAsync(this EventSocket socket, string code, string type, string to, string call, string payload = "{}", string more = "") =>
        await socket.ExpectErrorAsync(code, await socket.SaySomethingAsync(type, to, call, payload, more));

    /// <summary>What comes next is said of this call.</summary>
    /// <returns>The payload.</returns>
    public static async Task<JsonNode?> ExpectOfCallAsync(this EventSocket socket, string type, string call)
    {
        var data = await socket.ExpectDataAsync(type);
        Assert.Equal(call, (string?)data["call_id"]);
        return data["payload"];
    }

    /// <summary>The server ends the call, and says why.</summary>
    public static async Task ExpectEndAsync(this EventSocket socket, string call, string reason) =>
        Assert.Equal($$"""{"reason":"{{reason}}"}""", (await socket.ExpectOfCallAsync("CallHangup", call))!.ToJsonString());
}

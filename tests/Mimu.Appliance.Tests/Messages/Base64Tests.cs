using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Messages;

/// <summary>Protocol section 1: bytes have one spelling.</summary>
public class Base64Tests(Host host) : IClassFixture<Host>
{
    [Theory]
    [InlineData("AA==", 1)]
    [InlineData("/w==", 1)]
    [InlineData("AAA=", 2)]
    [InlineData("//8=", 2)]
    [InlineData("AAAA", 3)]
    [InlineData("+/+/", 3)]
    [InlineData("\\/w==", 1)] // some writers of JSON escape the slash
    [InlineData("\\u0041A\\u003d=", 1)]
    public async Task Good_Base64_is_taken(string text, int length)
    {
        var answer = await SendAsync($"\"{text}\"");
        Assert.Equal(length, Convert.FromBase64String((string)answer.Expect(201)["encrypted_payload"]!).Length);
    }

    [Theory]
    [InlineData("\"A\"")]
    [InlineData("\"AA\"")]
    [InlineData("\"AAA\"")]
    [InlineData("\"AA=\"")]
    [InlineData("\"A===\"")]
    [InlineData("\"====\"")]
    [InlineData("\"=AAA\"")]
    [InlineData("\"AA=A\"")]
    [InlineData("\"AAAA====\"")]
    [InlineData("\"AA==AA==\"")]
    [InlineData("\"AB==\"")] // bits to spare that are not zero
    [InlineData("\"AAB=\"")]
    [InlineData("\"-_-_\"")] // Base64url
    [InlineData("\"_w==\"")]
    [InlineData("\" AAAA\"")]
    [InlineData("\"AAAA \"")]
    [InlineData("\"AAAA\\n\"")]
    [InlineData("\"AA\\r\\nAA\"")]
    [InlineData("\"AAA A\"")]
    [InlineData("\"AAAAAAA \\t\"")]
    [InlineData("\"AAA\\u0000\"")]
    [InlineData("\"AAA\\u00e9\"")]
    [InlineData("\"AAA\\ud83e\"")]
    [InlineData("\"ＡＡＡＡ\"")]
    [InlineData("\"\"")]
    [InlineData("[0]")]
    [InlineData("0")]
    [InlineData("true")]
    [InlineData("{}")]
    public async Task Anything_else_is_not(string json) => (await SendAsync(json)).ExpectFaults("encrypted_payload");

    [Fact]
    public async Task Keys_too_have_one_spelling_and_one_length()
    {
        var registration = new Registration("speller");
        var key = (string)registration.Body["identity_key"]!;
        foreach (var other in (string[])[key.TrimEnd('='), key + "\n", key[..^2] + "/=", Convert.ToBase64String(new byte[31]), Convert.ToBase64String(new byte[33]), key.Replace('=', '_')])
        {
            registration.Body["identity_key"] = other;
            (await host.Anonymous.PostAsync("/auth/register", registration.Body)).ExpectFaults("identity_key");
        }
        registration.Body["identity_key"] = key;
        (await host.Anonymous.PostAsync("/auth/register", registration.Body)).Expect(201);
    }

    private async Task<Answer> SendAsync(string payload)
    {
        var alice = await host.RegisterAsync("alice");
        var chat = await alice.CreateGroupAsync();
        return await alice.Http.PostAsync("/api/v1/messages", $$"""{ "chat_id": "{{chat}}", "message_type": "text", "encrypted_payload": {{payload}} }""");
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Http;

/// <summary>Protocol section 1: which bodies are read.</summary>
public class BodyTests(Host host) : IClassFixture<Host>
{
    /// <summary>A body that is good, for what is put into it.</summary>
    private const string Good = "\"public_id\": \"nobody.here\", \"password\": \"no password\"";

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("[{}]")]
    [InlineData("\"text\"")]
    [InlineData("5")]
    [InlineData("true")]
    [InlineData("{")]
    [InlineData("{}}")]
    [InlineData("{} {}")]
    [InlineData("{}x")]
    [InlineData("{\"a\"}")]
    [InlineData("{\"a\":}")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{'a':1}")]
    [InlineData("{a:1}")]
    [InlineData("{\"a\":01}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":\"\t\"}")]
    [InlineData("{\"a\":\"\\x\"}")]
    [InlineData("{/* comment */}")]
    [InlineData("{} // comment")]
    [InlineData("\uFEFF{}")]
    [InlineData("{\"a\":1}\0")]
    [InlineData("public_id=alice&password=secret")]
    public async Task A_body_that_is_no_JSON_object_is_malformed(string body) =>
        (await PostAsync(Encoding.UTF8.GetBytes(body))).ExpectProblem(400, "malformed_request");

    [Theory]
    [InlineData("\"public_id\": \"again\"")]
    [InlineData("\"\\u0070ublic_id\": \"again\"")]
    [InlineData("\"unknown\": 1, \"unknown\": 1")]
    [InlineData("\"deep\": { \"one\": [ { \"a\": 1, \"b\": 2, \"a\": 3 } ] }")]
    [InlineData("\"\": 1, \"\": 2")]
    public async Task A_member_twice_is_malformed(string more) =>
        (await PostAsync(Encoding.UTF8.GetBytes($"{{ {Good}, {more} }}"))).ExpectProblem(400, "malformed_request");

    [Theory]
    [InlineData("ff")]
    [InlineData("c0af")] // an overlong slash
    [InlineData("eda080")] // half a character
    [InlineData("f4908080")] // beyond U+10FFFF
    [InlineData("e28c")] // cut off
    [InlineData("80")]
    public async Task Invalid_UTF_8_is_malformed_wherever_it_stands(string hex)
    {
        byte[] bad = Convert.FromHexString(hex);
        (await PostAsync([.. "{ \"public_id\": \""u8, .. bad, .. "\", \"password\": \"x\" }"u8])).ExpectProblem(400, "malformed_request");
        (await PostAsync([.. "{ \"unknown\": \""u8, .. bad, .. "\" }"u8])).ExpectProblem(400, "malformed_request");
        (await PostAsync([.. "{ \""u8, .. bad, .. "\": 1 }"u8])).ExpectProblem(400, "malformed_request");
    }

    [Fact]
    public async Task Nesting_ends_at_32_levels()
    {
        // The body itself is the first.
        (await PostAsync(Nested(31))).ExpectProblem(401, "invalid_credentials");
        (await PostAsync(Nested(32))).ExpectProblem(400, "malformed_request");
        (await PostAsync(Nested(100_000))).ExpectProblem(400, "malformed_request");

        static byte[] Nested(int levels) => Encoding.UTF8.GetBytes($"{{ {Good}, \"deep\": {new string('[', levels)}{new string(']', levels)} }}");
    }

    [Theory]
    [InlineData("\"\\u0000\": \"\\u0000\"")]
    [InlineData("\"unknown\": \"\\ud800\"")]
    [InlineData("\"unknown\": 1e999999")]
    [InlineData("\"unknown\": \"\\ud83e\\udd8a\"")]
    [InlineData("\"\\ud83e\\udd8a\": 1")]
    [InlineData("\"Public_Id\": 1, \"__proto__\": {}")]
    public async Task Members_that_the_server_does_not_know_are_ignored_whatever_they_are(string more) =>
        (await PostAsync(Encoding.UTF8.GetBytes($"{{ {more}, {Good} }}"))).ExpectProblem(401, "invalid_credentials");

    [Theory]
    [InlineData("\"\\ud800\": 1")]
    [InlineData("\"public_i\\ud800\": 1")]
    [InlineData("\"unknown\": [ { \"\\udc00\\ud800\": {} } ]")]
    public async Task A_name_that_is_half_a_character_is_malformed(string more) =>
        (await PostAsync(Encoding.UTF8.GetBytes($"{{ {more}, {Good} }}"))).ExpectProblem(400, "malformed_request");

    [Theory]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"a\\udc00b\"")]
    [InlineData("\"\\udd8a\\ud83e\"")]
    public async Task A_text_with_half_a_character_is_a_fault_of_its_member(string json)
    {
        (await PostAsync(Encoding.UTF8.GetBytes($$"""{ "public_id": {{json}}, "password": {{json}}, "device_name": {{json}} }"""))).ExpectFaults("public_id", "password", "device_name");
        var alice = await host.RegisterAsync("alice");
        (await alice.Http.PostAsync("/api/v1/messages", $$"""
            { "chat_id": {{json}}, "message_type": {{json}}, "encrypted_payload": {{json}}, "client_message_id": {{json}}, "reply_to": {{json}} }
            """)).ExpectFaults("chat_id", "message_type", "encrypted_payload", "client_message_id", "reply_to");
        (await alice.Http.PostAsync("/api/v1/chats", $$"""{ "participant_ids": [{{json}}], "type": {{json}}, "encrypted_metadata": {{json}} }"""))
            .ExpectFaults("participant_ids[0]", "type", "encrypted_metadata");
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON;charset=\"UTF-8\"")]
    [InlineData("application/json; profile=x")]
    public async Task Such_media_types_are_taken(string type) =>
        (await PostAsync(Encoding.UTF8.GetBytes($"{{ {Good} }}"), type)).ExpectProblem(401, "invalid_credentials");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("json")]
    [InlineData("text/json")]
    [InlineData("text/plain")]
    [InlineData("application/problem+json")]
    [InlineData("application/jsonp")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData("application/json, application/json")]
    [InlineData("*/*")]
    public async Task Other_media_types_are_not_supported(string? type)
    {
        var answer = await host.Anonymous.SendAsync(HttpMethod.Post, "/auth/login", new ByteArrayContent(Encoding.UTF8.GetBytes($"{{ {Good} }}")),
            request => Assert.True(type is null || request.Content!.Headers.TryAddWithoutValidation("Content-Type", type)));
        answer.ExpectProblem(415, "unsupported_media_type");
    }

    [Fact]
    public async Task A_body_in_chunks_without_a_length_is_read_too()
    {
        var alice = await host.RegisterAsync("alice");
        var answer = await host.Anonymous.SendAsync(HttpMethod.Post, "/auth/login", Content(new JsonObject
        {
            ["public_id"] = alice.PublicId,
            ["password"] = alice.Registration.Password,
        }.ToJsonString()), request => request.Headers.TransferEncodingChunked = true);
        answer.Expect(200);
    }

    [Fact]
    public async Task A_body_of_1_MiB_is_read_and_a_larger_one_is_too_large()
    {
        var padding = new string(' ', (1 << 20) - Good.Length - 4);
        (await PostAsync(Encoding.UTF8.GetBytes($"{{ {Good}{padding} }}"))).ExpectProblem(401, "invalid_credentials");
        (await PostAsync(Encoding.UTF8.GetBytes($"{{ {Good}{padding}  }}"))).ExpectProblem(413, "payload_too_large");
        var chunked = await host.Anonymous.SendAsync(HttpMethod.Post, "/auth/login", Content($"{{ {Good}{padding}{padding} }}"),
            request => request.Headers.TransferEncodingChunked = true);
        chunked.ExpectProblem(413, "payload_too_large");
    }

    [Fact]
    public async Task A_body_that_ends_early_harms_nobody()
    {
        for (var i = 0; i < 5; i++)
        {
            using var connection = new RawConnection(host.Address);
            await connection.WriteAsync("POST /auth/login HTTP/1.1\r\nHost: mimu\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{ \"public_id\":");
        }
        using var chunked = new RawConnection(host.Address);
        await chunked.WriteAsync("POST /auth/login HTTP/1.1\r\nHost: mimu\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n");
        Assert.StartsWith("HTTP/1.1 400 ", await chunked.ReadHeadAsync(), StringComparison.Ordinal);
        (await host.Anonymous.GetAsync("/healthz")).Expect(200);
    }

    [Fact]
    public async Task The_body_is_looked_at_only_after_the_token()
    {
        (await host.Anonymous.PostAsync("/api/v1/messages", "no JSON", "text/plain")).ExpectProblem(401, "unauthorized");
        (await host.Anonymous.PostAsync("/api/v1/chats", "{}")).ExpectProblem(401, "unauthorized");
    }

    private Task<Answer> PostAsync(byte[] body, string? type = "application/json") => host.Anonymous.PostAsync("/auth/login", body, type);

    private static StringContent Content(string body) => new(body, Encoding.UTF8, "application/json");
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mimu.Appliance.Tests.Stage;

/// <summary>What the server answered.</summary>
internal sealed class Answer
{
    private readonly string _question;
    private readonly Dictionary<string, string[]> _headers;

    private Answer(string question, int status, Dictionary<string, string[]> headers, string text)
    {
        _question = question;
        _headers = headers;
        Status = status;
        Text = text;
    }

    public int Status { get; }

    public string Text { get; }

    public string? ContentType => Header("Content-Type");

    public JsonObject Json => JsonNode.Parse(Text)!.AsObject();

    public static async Task<Answer> ReadAsync(string question, HttpResponseMessage response)
    {
        var headers = response.Headers.Concat(response.Content.Headers).ToDictionary(header => header.Key, header => header.Value.ToArray(), StringComparer.OrdinalIgnoreCase);
        return new Answer(question, (int)response.StatusCode, headers, await response.Content.ReadAsStringAsync());
    }

    /// <summary>A header's value, several joined by commas; null when it is not there.</summary>
    public string? Header(string name) => _headers.TryGetValue(name, out var values) ? string.Join(", ", values) : null;

    /// <summary>The body of an answer that went well.</summary>
    public JsonObject Expect(int status)
    {
        Assert.True(Status == status, $"{_question}: expected {status}, was answered with {Status} {Text}");
        Assert.Equal("application/json", ContentType);
        Assert.Equal("no-store", Header("Cache-Control"));
        return Json;
    }

    /// <summary>204 with nothing.</summary>
    public void ExpectNothing()
    {
        Assert.True(Status == 204, $"{_question}: expected 204, was answered with {Status} {Text}");
        Assert.Empty(Text);
        Assert.Equal("no-store", Header("Cache-Control"));
    }

    /// <summary>A problem with everything that each must have (protocol section 1).</summary>
    public JsonObject ExpectProblem(int status, string code)
    {
        Assert.True(Status == status, $"{_question}: expected {status} {code}, was answered with {Status} {Text}");
        Assert.Equal("application/problem+json", ContentType);
        Assert.Equal("no-store", Header("Cache-Control"));
        Assert.Equal(status == 401 ? "Bearer" : null, Header("WWW-Authenticate"));
        var problem = Json;
        Assert.Equal(code, (string?)problem["code"]);
        Assert.Equal($"urn:mimu:error:{code}", (string?)problem["type"]);
        Assert.Equal(status, (int?)problem["status"]);
        Assert.NotEmpty((string)problem["title"]!);
        Assert.NotEmpty((string)problem["detail"]!);
        Assert.NotEmpty((string)problem["trace_id"]!);
        Assert.Equal(code == "validation_failed", problem.ContainsKey("errors"));
        return problem;
    }

    /// <summary>422 that names just these members.</summary>
    public void ExpectFaults(params string[] members)
    {
        var errors = ExpectProblem(422, "validation_failed")["errors"]!.AsObject();
        Assert.Equal(members.Order(StringComparer.Ordinal), errors.Select(error => error.Key).Order(StringComparer.Ordinal));
        Assert.All(errors, error => Assert.NotEmpty(error.Value!.AsArray()));
        Assert.All(errors, error => Assert.All(error.Value!.AsArray(), sentence => Assert.Equal(JsonValueKind.String, sentence!.GetValueKind())));
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Chats;

/// <summary>Protocol 4.1.</summary>
public class CreateChatTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task Two_people_have_one_direct_chat()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = (await alice.CreateChatAsync([bob])).Expect(201);
        Assert.Equal(7, Guid.ParseExact((string)chat["chat_id"]!, "D").Version);
        Assert.Equal("direct", (string?)chat["type"]);
        Assert.Equal(alice.UserId, (string?)chat["created_by"]);
        Assert.Equal(1, (int?)chat["membership_version"]);
        Assert.Equal([(alice.UserId, "member"), (bob.UserId, "member")], ParticipantsOf(chat));

        var same = (await alice.CreateChatAsync([bob])).Expect(200);
        Assert.Equal(chat.ToJsonString(), same.ToJsonString());
        var again = (await bob.CreateChatAsync([alice], body => (body["type"], body["message_ttl"]) = ("direct", 60))).Expect(200);
        Assert.Equal((string?)chat["chat_id"], (string?)again["chat_id"]);
        // As it is, and not as was asked for this time.
        Assert.Null(again["message_ttl"]);
    }

    [Fact]
    public async Task Asked_again_a_direct_chat_tells_what_is_in_it()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        await alice.SendAsync(chat, "one");
        var own = Guid.NewGuid().ToString();
        var last = await alice.SendAsync(chat, "two", body => body["client_message_id"] = own);

        var seenByAlice = (await alice.CreateChatAsync([bob])).Expect(200);
        Assert.Equal(0, (int?)seenByAlice["unread_count"]);
        Assert.Equal(last.ToJsonString(), seenByAlice["last_message"]!.ToJsonString());
        Assert.Equal((string?)last["created_at"], (string?)seenByAlice["updated_at"]);

        var seenByBob = (await bob.CreateChatAsync([alice])).Expect(200);
        Assert.Equal(2, (int?)seenByBob["unread_count"]);
        last["client_message_id"] = null;
        Assert.Equal(last.ToJsonString(), seenByBob["last_message"]!.ToJsonString());
    }

    [Fact]
    public async Task Of_many_at_once_one_opens_the_direct_chat()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => i % 2 == 0 ? alice.CreateChatAsync([bob]) : bob.CreateChatAsync([alice])));
        Assert.Single(answers, answer => answer.Status == 201);
        Assert.Equal(9, answers.Count(answer => answer.Status == 200));
        Assert.Single(answers.Select(answer => (string)answer.Json["chat_id"]!).Distinct());
    }

    [Fact]
    public async Task A_group_has_its_creator_as_admin_and_may_be_opened_again_and_again()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        var metadata = RandomNumberGenerator.GetBytes(16 * 1024);
        var group = (await alice.CreateChatAsync([bob, carol, bob, alice], body =>
            (body["encrypted_metadata"], body["message_ttl"]) = (Convert.ToBase64String(metadata), 31_536_000))).Expect(201);
        Assert.Equal("group", (string?)group["type"]);
        Assert.Equal(Convert.ToBase64String(metadata), (string?)group["encrypted_metadata"]);
        Assert.Equal(31_536_000, (int?)group["message_ttl"]);
        Assert.Equal((alice.UserId, "admin"), ParticipantsOf(group)[0]);
        Assert.Equal(new[] { (bob.UserId, "member"), (carol.UserId, "member") }.Order(), ParticipantsOf(group)[1..]);
        Assert.NotEqual((string)group["chat_id"]!, await alice.CreateGroupAsync(bob, carol));
    }

    [Fact]
    public async Task The_type_follows_from_the_participants_unless_it_is_given()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        Assert.Equal("group", (string?)(await alice.CreateChatAsync([])).Expect(201)["type"]);
        Assert.Equal("group", (string?)(await alice.CreateChatAsync([alice])).Expect(201)["type"]);
        Assert.Equal("group", (string?)(await alice.CreateChatAsync([bob, carol])).Expect(201)["type"]);
        Assert.Equal("group", (string?)(await alice.CreateChatAsync([bob], body => body["type"] = "group")).Expect(201)["type"]);
        Assert.Equal("direct", (string?)(await alice.CreateChatAsync([bob, bob, alice])).Expect(201)["type"]);
        foreach (var others in (Person[][])[[], [alice], [bob, carol]])
        {
            (await alice.CreateChatAsync(others, body => body["type"] = "direct")).ExpectFaults("participant_ids");
        }
    }

    [Fact]
    public async Task Unknown_people_are_named()
    {
        var (alice, bob, gone) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("gone"));
        host.Sql("UPDATE accounts SET state = 2 WHERE public_id = @name", ("@name", gone.PublicId));
        var nobody = Guid.NewGuid().ToString();
        var answer = await PostAsync(alice, $$"""{ "participant_ids": ["{{bob.UserId}}", "{{nobody}}", "{{gone.UserId}}"] }""");
        answer.ExpectFaults("participant_ids[1]", "participant_ids[2]");
        Assert.Contains(nobody, (string)answer.Json["errors"]!["participant_ids[1]"]![0]!, StringComparison.Ordinal);
        (await PostAsync(alice, $$"""{ "participant_ids": ["{{nobody}}"] }""")).ExpectFaults("participant_ids[0]");
    }

    [Fact]
    public async Task All_faults_are_told_at_once()
    {
        var alice = await host.RegisterAsync("alice");
        (await PostAsync(alice, "{}")).ExpectFaults("participant_ids");
        (await PostAsync(alice, $$"""
            { "participant_ids": ["{{alice.UserId.ToUpperInvariant()}}", 5, null, "{{alice.UserId}}", "{ {{alice.UserId}} }", "{{alice.UserId.Replace("-", "", StringComparison.Ordinal)}}"],
              "type": "Direct", "encrypted_metadata": "", "message_ttl": 0 }
            """)).ExpectFaults("participant_ids[0]", "participant_ids[1]", "participant_ids[2]", "participant_ids[4]", "participant_ids[5]",
                "type", "encrypted_metadata", "message_ttl");
        (await PostAsync(alice, """{ "participant_ids": "alice", "type": 1, "encrypted_metadata": [], "message_ttl": 31536001 }"""))
            .ExpectFaults("participant_ids", "type", "encrypted_metadata", "message_ttl");
        (await PostAsync(alice, """{ "participant_ids": {}, "message_ttl": 1.5 }""")).ExpectFaults("participant_ids", "message_ttl");
    }

    [Fact]
    public async Task Metadata_over_its_limit_is_too_large()
    {
        var alice = await host.RegisterAsync("alice");
        (await alice.CreateChatAsync([], body => body["encrypted_metadata"] = Convert.ToBase64String(new byte[16 * 1024 + 1]))).ExpectProblem(413, "payload_too_large");
    }

    [Fact]
    public async Task A_group_has_as_many_participants_as_the_settings_allow_the_caller_among_them()
    {
        await using var small = await Host.Start(options => options.Chats.MaxParticipants = 4);
        var alice = await small.RegisterAsync("alice");
        var others = new List<Person>();
        for (var i = 0; i < 4; i++)
        {
            others.Add(await small.RegisterAsync(string.Create(CultureInfo.InvariantCulture, $"other{i}")));
        }
        (await alice.CreateChatAsync([.. others])).ExpectFaults("participant_ids");
        (await alice.CreateChatAsync([.. others[..3], alice])).Expect(201);
        (await alice.CreateChatAsync([.. others[..3]])).Expect(201);
    }

    [Fact]
    public async Task Every_participant_is_told()
    {
        var (alice, bob, carol) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"), await host.RegisterAsync("carol"));
        var dave = await host.RegisterAsync("dave");
        foreach (var person in (Person[])[alice, bob, carol, dave])
        {
            await person.ConnectAsync();
        }
        var chat = (await alice.CreateChatAsync([bob, carol])).Expect(201);
        foreach (var own in (string[])["last_message", "unread_count"])
        {
            chat.Remove(own);
        }
        foreach (var person in (Person[])[alice, bob, carol])
        {
            Assert.Equal(chat.ToJsonString(), (await person.Socket.ExpectDataAsync("ChatCreated")).ToJsonString());
            await person.Socket.ExpectNothingElseAsync();
        }
        await dave.Socket.ExpectNothingElseAsync();
        // Asked again, a direct chat is nothing new.
        await alice.CreateDirectAsync(dave);
        await dave.Socket.ExpectAsync("ChatCreated");
        (await dave.CreateChatAsync([alice])).Expect(200);
        await dave.Socket.ExpectNothingElseAsync();
    }

    private static Task<Answer> PostAsync(Person person, string body) => person.Http.PostAsync("/api/v1/chats", body);

    private static (string UserId, string Role)[] ParticipantsOf(JsonObject chat) =>
        [.. chat["participants"]!.AsArray().Select(participant => ((string)participant!["user_id"]!, (string)participant["role"]!))];
}

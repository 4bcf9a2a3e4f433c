using Mimu.Appliance.Tests.Stage;

namespace Mimu.Appliance.Tests.Auth;

/// <summary>Protocol 2.4: a ticket opens one socket, and soon.</summary>
public class WsTicketTests(ClockHost host) : IClassFixture<ClockHost>
{
    [Fact]
    public async Task A_ticket_opens_one_socket_of_its_session()
    {
        var alice = await host.RegisterAsync("alice");
        var answer = (await alice.Http.PostAsync("/auth/ws-ticket")).Expect(200);
        Assert.Equal(30, (int?)answer["expires_in"]);
        var ticket = (string)answer["ticket"]!;

        await using var socket = await EventSocket.OpenAsync(host.Address, ticket, isTicket: true);

        Assert.Equal(alice.SessionId, (string?)(await socket.ExpectHelloAsync())["session_id"]);
        (await host.Anonymous.GetAsync($"/ws?ticket={ticket}")).ExpectProblem(401, "unauthorized");
    }

    [Fact]
    public async Task A_ticket_is_good_for_30_seconds()
    {
        var alice = await host.RegisterAsync("alice");
        var (first, second) = (await TicketAsync(alice), await TicketAsync(alice));
        host.Clock.Advance(TimeSpan.FromSeconds(30) - TimeSpan.FromMilliseconds(1));
        // Good, but there was no handshake.
        (await host.Anonymous.GetAsync($"/ws?ticket={first}")).ExpectProblem(400, "malformed_request");
        host.Clock.Advance(TimeSpan.FromMilliseconds(1));
        (await host.Anonymous.GetAsync($"/ws?ticket={second}")).ExpectProblem(401, "unauthorized");
    }

    [Fact]
    public async Task A_ticket_ends_with_its_session_and_its_token()
    {
        var alice = await host.RegisterAsync("alice");
        var ticket = await TicketAsync(alice);
        (await alice.Http.PostAsync("/auth/logout")).ExpectNothing();
        (await host.Anonymous.GetAsync($"/ws?ticket={ticket}")).ExpectProblem(401, "session_ended");

        var bob = await host.RegisterAsync("bob");
        host.Clock.Advance(TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(5));
        ticket = await TicketAsync(bob);
        host.Clock.Advance(TimeSpan.FromSeconds(5));
        (await host.Anonymous.GetAsync($"/ws?ticket={ticket}")).ExpectProblem(401, "token_expired");
    }

    [Fact]
    public async Task A_session_has_as_many_tickets_as_it_may_have_sockets()
    {
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var foreign = await TicketAsync(bob);
        var tickets = new List<string>();
        for (var i = 0; i < 9; i++)
        {
            tickets.Add(await TicketAsync(alice));
        }
        (await host.Anonymous.GetAsync($"/ws?ticket={tickets[0]}")).ExpectProblem(401, "unauthorized");
        foreach (var ticket in tickets.Skip(1).Append(foreign))
        {
            (await host.Anonymous.GetAsync($"/ws?ticket={ticket}")).ExpectProblem(400, "malformed_request");
        }
    }

    [Fact]
    public async Task A_ticket_is_no_token_and_not_to_be_given_together_with_one()
    {
        var alice = await host.RegisterAsync("alice");
        var ticket = await TicketAsync(alice);
        (await host.Anonymous.GetAsync($"/ws?ticket={alice.AccessToken}")).ExpectProblem(401, "unauthorized");
        (await host.Anonymous.GetAsync($"/ws?token={ticket}")).ExpectProblem(401, "unauthorized");
        (await host.Anonymous.GetAsync($"/ws?ticket={ticket}&token={alice.AccessToken}")).ExpectFaults("ticket");
    }

    private static async Task<string> TicketAsync(Person person) => (string)(await person.Http.PostAsync("/auth/ws-ticket")).Expect(200)["ticket"]!;
}

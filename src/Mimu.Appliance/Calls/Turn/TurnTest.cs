using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Mimu.Core.Calls;

namespace Mimu.Appliance.Calls.Turn;

/// <summary>Asks a server for what clients will ask it for, and says what came of it.</summary>
internal sealed class TurnTest(TimeProvider clock, TimeSpan patience)
{
    /// <summary>RFC 8656 section 18.8: UDP, in the first of four bytes. What media goes over, however the client comes to the server.</summary>
    private const uint RelayOverUdp = 17u << 24;

    /// <summary>RFC 8489 section 14.8.</summary>
    private const int Unauthenticated = 401;

    private const int StaleNonce = 438;

    /// <summary>Credentials for the test alone: enough for the few seconds that it takes.</summary>
    private static readonly TimeSpan _lifetime = TimeSpan.FromMinutes(5);

    /// <summary>A server under each of its addresses with each secret; a STUN server, which asks for none, once.</summary>
    public async Task<List<TurnFinding>> RunAsync(TurnUri uri, IReadOnlyList<string> secrets, CancellationToken cancellation)
    {
        if (uri is { IsSecure: true, IsUdp: true })
        {
            return [new TurnFinding(uri.Text, null, null, TurnOutcome.NotTested, "this is DTLS, which this test does not speak")];
        }
        IPAddress[] addresses;
        try
        {
            addresses = IPAddress.TryParse(uri.Host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(uri.Host, cancellation);
        }
        catch (SocketException e)
        {
            return [new TurnFinding(uri.Text, null, null, TurnOutcome.NameNotFound, $"the name {uri.Host} does not resolve: {e.Message}")];
        }
        var findings = new List<TurnFinding>();
        foreach (var address in addresses.Distinct())
        {
            for (var i = 0; i < (uri.IsTurn ? secrets.Count : 1); i++)
            {
                var (outcome, detail) = await TryAsync(uri, address, uri.IsTurn ? secrets[i] : null, cancellation);
                findings.Add(new TurnFinding(uri.Text, address, uri.IsTurn ? i + 1 : null, outcome, detail));
            }
        }
        return findings;
    }

    private async Task<(TurnOutcome Outcome, string Detail)> TryAsync(TurnUri uri, IPAddress address, string? secret, CancellationToken cancellation)
    {
        using var deadline = new CancellationTokenSource(patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellation);
        try
        {
            await using var line = await StunLine.OpenAsync(uri, address, either.Token);
            return secret is null ? await BindAsync(line, either.Token) : await AllocateAsync(line, secret, either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return (TurnOutcome.NoAnswer, $"no answer within {patience.TotalSeconds:0} s: is the port open in every firewall on the way?");
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionRefused)
        {
            return (TurnOutcome.Refused, "connection refused: nothing listens there");
        }
        catch (AuthenticationException e)
        {
            return (TurnOutcome.NotTrusted, $"the certificate is not trusted: {e.InnerException?.Message ?? e.Message}");
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            return (TurnOutcome.Failed, e.Message);
        }
    }

    private static async Task<(TurnOutcome Outcome, string Detail)> BindAsync(StunLine line, CancellationToken cancellation)
    {
        var answer = await line.AskAsync(StunMethod.Binding, static _ => { }, cancellation);
        return answer.Address(StunField.XorMappedAddress) is { } seen
            ? (TurnOutcome.Answered, $"sees this machine at {seen}")
            : (TurnOutcome.Failed, Reason(answer));
    }

    private async Task<(TurnOutcome Outcome, string Detail)> AllocateAsync(StunLine line, string secret, CancellationToken cancellation)
    {
        // RFC 8489 section 9.2: the first try is without credentials, since the server has to say what it wants them for.
        var answer = await line.AskAsync(StunMethod.Allocate, static request => request.Add(StunField.RequestedTransport, RelayOverUdp), cancellation);
        if (answer.Class is StunClass.Success)
        {
            return (TurnOutcome.Open, "relays for everybody: it asks for no credentials (coturn: use-auth-secret)");
        }
        if (answer.Error is not { Code: Unauthenticated })
        {
            return (TurnOutcome.Failed, Reason(answer));
        }
        var credentials = TurnCredentials.Make(secret, clock.GetUtcNow() + _lifetime, "mimu-admin-turn-test");
        var session = new Session(credentials);
        session.Heed(answer);
        answer = await session.AskAsync(line, StunMethod.Allocate, static request => request.Add(StunField.RequestedTransport, RelayOverUdp), cancellation);
        if (answer.Error is { Code: Unauthenticated })
        {
            return (TurnOutcome.WrongSecret, "the server does not take the secret");
        }
        if (answer.Class is not StunClass.Success || answer.Address(StunField.XorRelayedAddress) is not { } relay)
        {
            return (TurnOutcome.Failed, Reason(answer));
        }
        if (!answer.IsSignedWith(session.Key))
        {
            return (TurnOutcome.Failed, "what it answers is not signed with the secret");
        }
        // The allocation is given back, and not left until it expires.
        await session.AskAsync(line, StunMethod.Refresh, static request => request.Add(StunField.Lifetime, 0), cancellation);
        return (TurnOutcome.Allocated, $"relays at {relay}");
    }

    private static string Reason(StunMessage answer) => answer.Error is { } error ? $"the server refuses: {error.Code} {error.Reason}" : "the server's answer has no address";

    /// <summary>Long-term credentials at work (RFC 8489 section 9.2).</summary>
    private sealed class Session(TurnCredentials credentials)
    {
        private string _realm = "";
        private byte[] _nonce = [];

        public byte[] Key { get; private set; } = [];

        /// <summary>Takes realm and nonce from a refusal.</summary>
        public void Heed(StunMessage refusal)
        {
            _realm = refusal.Text(StunField.Realm) ?? "";
            _nonce = refusal.TryFind(StunField.Nonce, out var nonce) ? nonce.ToArray() : [];
            Key = StunMessage.LongTermKey(credentials.Username, _realm, credentials.Password);
        }

        public async Task<StunMessage> AskAsync(StunLine line, StunMethod method, Action<StunRequest> fill, CancellationToken cancellation)
        {
            var answer = await line.AskAsync(method, Fill, cancellation);
            if (answer.Error is { Code: StaleNonce })
            {
                Heed(answer);
                answer = await line.AskAsync(method, Fill, cancellation);
            }
            return answer;

            void Fill(StunRequest request)
            {
                fill(request);
                request.Add(StunField.Username, credentials.Username).Add(StunField.Realm, _realm).Add(StunField.Nonce, _nonce).Sign(Key);
            }
        }
    }
}

/// <summary>What came of testing one server.</summary>
/// <param name="Uri">The server, as the settings name it.</param>
/// <param name="Address">Which of its addresses; null when it has none, or was not tested.</param>
/// <param name="Secret">Which of the secrets, 1 for the first; null for a server that asks for none.</param>
/// <param name="Outcome">What came of it.</param>
/// <param name="Detail">A sentence about it.</param>
internal sealed record TurnFinding(string Uri, IPAddress? Address, int? Secret, TurnOutcome Outcome, string Detail)
{
    /// <summary>Whether there is something to be done.</summary>
    public bool IsFault => Outcome is not (TurnOutcome.Allocated or TurnOutcome.Answered or TurnOutcome.NotTested);
}

internal enum TurnOutcome
{
    /// <summary>It relays.</summary>
    Allocated,

    /// <summary>It tells addresses, and should do no more.</summary>
    Answered,

    NotTested,
    NameNotFound,
    NoAnswer,
    Refused,
    NotTrusted,
    WrongSecret,

    /// <summary>It relays, and for whoever asks.</summary>
    Open,

    Failed,
}

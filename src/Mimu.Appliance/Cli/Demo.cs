using System.CommandLine;
using System.CommandLine.Parsing;
using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using Mimu.Appliance.Cli.Demonstration;

namespace Mimu.Appliance.Cli;

/// <summary><c>mimu demo</c>: two people who have just registered exchange a message through a running server.</summary>
internal static class Demo
{
    private const string Greeting = "Hello Bob, only you can read this.";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    public static Command Command()
    {
        var url = new Option<Uri>("--url")
        {
            Description = "Where the server is.",
            HelpName = "URL",
            DefaultValueFactory = _ => new Uri("http://127.0.0.1:8080"),
            CustomParser = ReadUrl,
        };
        var command = new Command("demo", "Register two users on a running server and send a message from one to the other.") { url };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(url)!, cancellation));
        return command;
    }

    private static Uri? ReadUrl(ArgumentResult argument)
    {
        if (Uri.TryCreate(argument.Tokens[0].Value, UriKind.Absolute, out var url) && (url.Scheme is "http" or "https"))
        {
            return url;
        }
        argument.AddError($"\"{argument.Tokens[0].Value}\" is no URL of a server; expected one like http://127.0.0.1:8080.");
        return null;
    }

    private static async Task<int> RunAsync(Uri url, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_patience);
        try
        {
            await TalkAsync(url, limit.Token);
            return ExitCodes.Ok;
        }
        catch (Exception e) when (e is HttpRequestException or WebSocketException or DemoException)
        {
            await Console.Error.WriteLineAsync($"mimu: The demonstration failed: {e.Message}");
            return ExitCodes.Unavailable;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"mimu: The server at {url} did not answer within {_patience.TotalSeconds} seconds.");
            return ExitCodes.Unavailable;
        }
    }

    private static async Task TalkAsync(Uri url, CancellationToken cancellation)
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = url };
        var alice = await Person.RegisterAsync(http, "alice", cancellation);
        Say($"{alice.PublicId} has registered; her fingerprint begins {alice.Fingerprint[..16]}.");
        var bob = await Person.RegisterAsync(http, "bob", cancellation);
        Say($"{bob.PublicId} has registered; his fingerprint begins {bob.Fingerprint[..16]}.");

        using var socket = await bob.OpenSocketAsync(url, cancellation);
        Say("Bob listens on a WebSocket.");
        var letter = Letter.Seal(Encoding.UTF8.GetBytes(Greeting), await alice.FetchPrekeyAsync(bob.PublicId, cancellation));
        var chat = await alice.OpenChatAsync(bob.UserId, cancellation);
        Say($"Alice has fetched Bob's prekeys and opened a chat. What she sends, the server sees as: {Convert.ToBase64String(letter)[..40]}…");

        var watch = Stopwatch.StartNew();
        await alice.SendAsync(chat, letter, cancellation);
        var stored = watch.Elapsed;
        var received = await Person.ReceiveAsync(socket, cancellation);
        var arrived = watch.Elapsed;
        var text = Encoding.UTF8.GetString(bob.Open(received));
        Say(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"Stored and acknowledged after {stored.TotalMilliseconds:0.0} ms, at Bob's after {arrived.TotalMilliseconds:0.0} ms. He reads: \"{text}\""));
        if (text != Greeting)
        {
            throw new DemoException("what arrived is not what was sent.");
        }
    }

    private static void Say(string line) => Console.Out.WriteLine(line);
}

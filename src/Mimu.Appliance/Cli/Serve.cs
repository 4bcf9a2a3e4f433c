using System.CommandLine;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Server;
using Mimu.Core.Accounts;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Cli;

/// <summary><c>mimu serve</c>: runs the server until it is told to stop (protocol section 15).</summary>
internal static class Serve
{
    public static Command Command()
    {
        var config = Surroundings.ConfigOption();
        var command = new Command("serve", "Run the server. SIGTERM or Ctrl-C stops it.") { config };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(config)));
        return command;
    }

    private static async Task<int> RunAsync(string? path)
    {
        if (!Surroundings.TryRead(path, out var settings))
        {
            return ExitCodes.Configuration;
        }
        try
        {
            var opening = Task.Factory.StartNew(() => Backend.Open(settings.Options!), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            var built = Appliance.Build(settings.Options!, () => opening.GetAwaiter().GetResult(), TimeProvider.System);
            await using var backend = await opening;
            await using var server = built;
            server.Lifetime.ApplicationStopping.Register(() => SystemdNotify.Stopping());
            await server.StartAsync();
            Announce(server, settings.Options!);
            SystemdNotify.Ready();
            await server.WaitForShutdownAsync();
            return ExitCodes.Ok;
        }
        catch (StorageRefusedException e)
        {
            return Fail(e.Message, ExitCodes.Of(e.Reason));
        }
        catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            return Fail($"{e.Message} Another program listens there; choose another address in server.listen.", ExitCodes.Unavailable);
        }
        catch (SocketException e)
        {
            return Fail($"The server can't listen on {string.Join(", ", settings.Options!.Server.Listen)}: {e.Message}.", ExitCodes.Unavailable);
        }
    }

    /// <summary>Says in three lines what an administrator wants to know.</summary>
    private static void Announce(WebApplication server, MimuOptions options)
    {
        var addresses = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .Where(address => !address.StartsWith("http://unix:", StringComparison.Ordinal)).ToList();
        var description = server.Services.GetRequiredService<ServerDescription>();
        description.BoundPort = new Uri(addresses[0]).Port;
        Console.Out.WriteLine($"Mimu {ServerDescription.Version} listens on {string.Join(", ", addresses)}.");
        Console.Out.WriteLine($"Data lies in {Path.GetFullPath(options.Server.DataDir)}.");
        Console.Out.WriteLine(options.Registration.Mode switch
        {
            RegistrationMode.Open => "Registration is open: anyone who reaches the server may make an account.",
            RegistrationMode.Invite => "Registration is by invitation.",
            _ => "Registration is closed.",
        });
        Console.Out.Flush();
    }

    private static int Fail(string sentence, int code)
    {
        Console.Error.WriteLine($"mimu: {sentence}");
        return code;
    }
}

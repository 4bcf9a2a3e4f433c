using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core.Storage;

namespace Mimu.Appliance.Tests.Limits;

/// <summary>A database that is more than a second behind: who would write is told to come again, over both doors.</summary>
public sealed class BusyTests
{
    [Fact]
    public async Task Who_would_write_is_told_to_come_again_and_reading_goes_on_and_nothing_is_lost()
    {
        var clock = new FakeTimeProvider();
        await using var host = await Host.Start(writerClock: clock);
        var (alice, bob) = (await host.RegisterAsync("alice"), await host.RegisterAsync("bob"));
        var chat = await alice.CreateDirectAsync(bob);
        await using var socket = await alice.ConnectAsync();
        using var release = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var database = host.Services.GetRequiredService<IDatabase>();
        var holding = database.WriteAsync<bool>(tx =>
        {
            begun.SetResult();
            return new(release.Wait(Deadline.Usual));
        }).AsTask();
        await Deadline.For("the writer to begin", begun.Task);
        var waiting = database.WriteAsync<bool>(tx => new(true)).AsTask();
        clock.Advance(TimeSpan.FromSeconds(1.5));

        var refused = await alice.TrySendAsync(chat, [2]);
        refused.ExpectProblem(503, "unavailable");
        Assert.Equal("1", refused.Header("Retry-After"));
        var frame = Person.MessageOf(chat, [3]);
        (frame["type"], frame["id"]) = ("SendMessage", "s");
        await socket.SendAsync(frame);
        await socket.ExpectErrorAsync("unavailable", "s");
        Assert.Empty((await bob.ListMessagesAsync(chat))["messages"]!.AsArray());

        release.Set();
        Assert.True((await Deadline.For("the writer", holding)).Value);
        Assert.True((await Deadline.For("who waited", waiting)).Value);
        await alice.SendAsync(chat, [4]);
        await socket.SendAsync(frame);
        await socket.ExpectAckAsync("s");
        Assert.Equal(["Aw==", "BA=="], (await bob.ListMessagesAsync(chat))["messages"]!.AsArray().Select(message => (string)message!["encrypted_payload"]!));
    }
}

using System.Globalization;
using Mimu.Core;
using Mimu.Core.Chats;
using Mimu.Core.Storage;
using Mimu.Specification;

namespace Mimu.Embedded.Tests;

/// <summary>What a test runs in a process of its own: <c>dotnet exec Mimu.Embedded.Tests.dll open|write DIRECTORY</c>.</summary>
internal static class Program
{
    private const int Writers = 16;

    public static async Task<int> Main(string[] arguments)
    {
        var work = arguments switch
        {
            ["open", var directory] => OpenAsync(directory),
            ["write", var directory] => WriteAsync(directory),
            _ => Task.FromResult(2),
        };
        // The test holds the other end: when it is gone, however it went, so is this.
        var parent = Console.OpenStandardInput().CopyToAsync(Stream.Null);
        return await Task.WhenAny(work, parent) == work ? await work : 1;
    }

    private static EmbeddedOptions In(string directory) => new(directory, Path.Combine(directory, "mimu.db"), SyncEveryCommit: true);

    /// <summary>Opens the back end, says what came of it, and closes it.</summary>
    private static async Task<int> OpenAsync(string directory)
    {
        try
        {
            await EmbeddedBackend.Open(In(directory)).DisposeAsync();
            Console.WriteLine("opened");
        }
        catch (StorageRefusedException e)
        {
            Console.WriteLine($"refused: {e.Reason}");
        }
        return 0;
    }

    /// <summary>Sends messages until it is killed, many at a time, and writes the id of each that was acknowledged.</summary>
    private static async Task<int> WriteAsync(string directory)
    {
        var backend = EmbeddedBackend.Open(In(directory));
        var chat = (await backend.Database.WriteAsync<Chat>(async tx =>
        {
            var end = await tx.Events.EndAsync();
            return await tx.AddChatAsync(ChatType.Group, await tx.AddAccountAsync(string.Create(CultureInfo.InvariantCulture, $"writer{end.Position}")));
        })).Value;
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(_ => SendAsync(backend.Database, chat)));
        return 1;
    }

    private static async Task SendAsync(IDatabase database, Chat chat)
    {
        for (var size = 1; ; size = size * 7 % 4099)
        {
            var message = Sample.Message(chat.Id, chat.CreatedBy, new byte[size]);
            var written = await database.WriteAsync<Done>(async tx =>
            {
                await tx.AddMessageAsync(message);
                await tx.AppendEventAsync(chat.Id, message.Id.ToString());
                return default(Done);
            });
            Console.WriteLine(written.IsOk ? message.Id : throw new InvalidOperationException("A write was refused."));
        }
    }
}

using System.Globalization;
using System.Security.Cryptography;
using Xunit.Abstractions;

namespace Mimu.Appliance.Tests.Model;

/// <summary>
/// Several people on several devices do whatever the dice say, with connections that are lost, time that passes and a server that restarts; everything that they
/// are answered, told and shown must be what the model says.
/// </summary>
public sealed class ModelTests(ITestOutputHelper output)
{
    private const ulong UsualSeed = 20261122;
    private const int UsualOperations = 10_000;

    /// <summary>So many that trying new ground with every run costs little.</summary>
    private const int FreshOperations = 2_000;

    /// <summary>By $MIMU_MODEL_SEED and $MIMU_MODEL_OPERATIONS.</summary>
    private static readonly ulong? _seed = Environment.GetEnvironmentVariable("MIMU_MODEL_SEED") is { } text ? ulong.Parse(text, CultureInfo.InvariantCulture) : null;

    private static readonly int? _operations =
        Environment.GetEnvironmentVariable("MIMU_MODEL_OPERATIONS") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    [Fact]
    public Task What_people_do_is_answered_told_and_shown_as_the_model_says() => RunAsync(_seed ?? UsualSeed, _operations ?? UsualOperations);

    [Fact]
    public Task So_is_what_people_do_who_have_never_met() => RunAsync(BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))), FreshOperations);

    private async Task RunAsync(ulong seed, int operations)
    {
        output.WriteLine($"Seed {seed}, {operations} operations");
        output.WriteLine($"{await Trial.RunAsync(seed, operations):F0} operations a second");
    }
}

using System.Reflection;
using Xunit;

namespace Mimu.Core.Tests;

public sealed class ErrorsTests
{
    private static readonly Error[] _catalogue =
        [.. typeof(Errors).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => field.GetValue(null)).OfType<Error>()];

    [Fact]
    public void Every_code_stands_once_in_the_catalogue()
    {
        Assert.NotEmpty(_catalogue);
        Assert.Equal(_catalogue.Length, _catalogue.DistinctBy(error => error.Code).Count());
    }

    [Fact]
    public void Every_refusal_says_something() => Assert.All(_catalogue, error =>
    {
        Assert.Matches("^[a-z]+(_[a-z]+)*$", error.Code);
        Assert.NotEmpty(error.Title);
        Assert.NotEmpty(error.Detail);
    });

    [Fact]
    public void A_refusal_said_more_precisely_keeps_its_code_and_title() =>
        Assert.Equal(Errors.NotFound with { Detail = "More." }, Errors.NotFound.Because("More."));

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var faults = new Faults();
        Assert.Throws<InvalidOperationException>(faults.ToError);
        faults.Add("a", "must be one thing");
        faults.Add("b[3].c", "must be another");

        var error = Assert.IsType<ValidationFailed>(faults.ToError());

        Assert.Equal([new Fault("a", "must be one thing"), new Fault("b[3].c", "must be another")], error.Faults);
    }

    [Fact]
    public void A_member_over_its_limit_makes_the_whole_too_large()
    {
        var faults = new Faults();
        faults.Add("a", "must be one thing");
        faults.AddTooLarge("encrypted_payload", 262_144);

        var error = faults.ToError();

        Assert.Equal("payload_too_large", error.Code);
        Assert.Contains("encrypted_payload must be at most 262144 bytes", error.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_result_is_a_value_or_an_error_and_never_both()
    {
        Result<int> good = 5;
        Result<int> bad = Errors.NotFound;

        Assert.True(good.Succeeded(out var value, out _));
        Assert.Equal(5, value);
        Assert.False(bad.Succeeded(out _, out var error));
        Assert.Same(Errors.NotFound, error);
        Assert.Throws<InvalidOperationException>(() => bad.Value);
    }
}

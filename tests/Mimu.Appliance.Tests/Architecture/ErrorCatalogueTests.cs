using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Mimu.Appliance.Http;
using Mimu.Appliance.Tests.Stage;
using Mimu.Core;

namespace Mimu.Appliance.Tests.Architecture;

/// <summary>The catalogue of refusals, the statuses and section 13 of the protocol are one list.</summary>
public partial class ErrorCatalogueTests
{
    [Fact]
    public void The_protocol_names_every_code_with_its_status_and_no_other()
    {
        var page = Repository.Read("docs", "protocol.md");
        var section = page[page.IndexOf("## 13 Error codes", StringComparison.Ordinal)..page.IndexOf("## 14 ", StringComparison.Ordinal)];
        var told = Line().Matches(section)
            .SelectMany(line => Code().Matches(line.Groups["codes"].Value), (line, code) => (code.Groups[1].Value, int.Parse(line.Groups["status"].ValueSpan, CultureInfo.InvariantCulture)))
            .Order().ToList();
        Assert.Equal(Problems.Statuses.Select(status => (status.Key, status.Value)).Order(), told);
    }

    [Fact]
    public void Every_code_of_the_catalogue_has_a_status_and_the_other_way_round() =>
        Assert.Equal(Problems.Statuses.Keys.Order(StringComparer.Ordinal), Catalogue().Select(error => error.Code).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Titles_are_the_same_for_each_occurrence_of_a_code() =>
        Assert.All(Catalogue().GroupBy(error => error.Code), errors => Assert.Single(errors.Select(error => error.Title).Distinct()));

    [Fact]
    public void Codes_are_written_like_codes_and_sentences_like_sentences() => Assert.All(Catalogue(), error =>
    {
        Assert.Matches("^[a-z]+(_[a-z]+)*$", error.Code);
        Assert.Matches("^[A-Z][^.]+$", error.Title);
        Assert.Matches(@"^[A-Z][\s\S]+\.$", error.Detail);
    });

    /// <summary>The plain ones, and the records that say more than their code.</summary>
    private static List<Error> Catalogue() =>
    [
        .. typeof(Errors).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => Assert.IsType<Error>(field.GetValue(null))),
        .. typeof(Error).Assembly.GetTypes().Concat(typeof(Problems).Assembly.GetTypes()).Where(type => type.IsSubclassOf(typeof(Error))).Select(Make),
    ];

    private static Error Make(Type type)
    {
        var constructor = type.GetConstructors().Single();
        var arguments = constructor.GetParameters().Select(parameter => parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null);
        return (Error)constructor.Invoke([.. arguments]);
    }

    [GeneratedRegex(@"^- (?<status>\d{3}): (?<codes>.*)$", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Code();
}

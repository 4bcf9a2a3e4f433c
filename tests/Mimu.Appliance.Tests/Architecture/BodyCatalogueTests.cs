using System.Reflection;
using Mimu.Appliance.Http;

namespace Mimu.Appliance.Tests.Architecture;

/// <summary>Bodies that are answered, and the generated code that writes them.</summary>
public class BodyCatalogueTests
{
    /// <summary>Records that end in Body are answers; what clients send is parsed by hand and has no record.</summary>
    private static readonly List<Type> _bodies =
        [.. typeof(MimuJson).Assembly.GetTypes().Where(type => type.Name.EndsWith("Body", StringComparison.Ordinal) && type is { IsClass: true, IsAbstract: false })];

    [Fact]
    public void Every_body_is_written_by_generated_code()
    {
        Assert.NotEmpty(_bodies);
        Assert.Empty(_bodies.Where(body => MimuJson.Default.GetTypeInfo(body) is null).Select(body => body.Name));
    }

    [Fact]
    public void Members_are_in_snake_case() => Assert.All(_bodies, body => Assert.All(MimuJson.Default.GetTypeInfo(body)!.Properties,
        property => Assert.Matches("^[a-z]+(_[a-z]+)*$", property.Name)));

    /// <summary>The generated serialisers write null bytes as an empty text; <see cref="Wire.Base64"/> says null.</summary>
    [Fact]
    public void Bytes_of_a_body_are_never_null()
    {
        var context = new NullabilityInfoContext();
        Assert.Empty(from body in _bodies
                     from property in body.GetProperties()
                     where property.PropertyType == typeof(byte[]) && context.Create(property).ReadState is not NullabilityState.NotNull
                     select $"{body.Name}.{property.Name}");
    }

    /// <summary>Times, ids and enumerations have their form from the protocol and not from the serialiser.</summary>
    [Fact]
    public void Bodies_hold_nothing_that_the_serialiser_would_form_by_itself() =>
        Assert.Empty(from body in _bodies
                     from property in body.GetProperties()
                     let type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType
                     where type.IsEnum || type == typeof(DateTimeOffset) || type == typeof(DateTime) || type == typeof(TimeSpan)
                     select $"{body.Name}.{property.Name}");
}

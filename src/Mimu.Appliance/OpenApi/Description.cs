using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Mimu.Appliance.Http;
using Mimu.Core;

namespace Mimu.Appliance.OpenApi;

/// <summary>The body that an endpoint takes.</summary>
/// <param name="Schema">Made by running its parser.</param>
internal sealed record Takes(Func<JsonObject> Schema);

/// <summary>The query parameters that an endpoint looks at.</summary>
/// <param name="Schema">Made by running its parser.</param>
internal sealed record Asks(Func<JsonObject> Schema);

/// <summary>An answer that went well.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Name">The name of its schema; null for an answer without a body.</param>
/// <param name="Schema">The body's schema; null for none.</param>
internal sealed record Gives(int Status, string? Name, Func<JsonNode>? Schema);

/// <summary>The refusals that are an endpoint's own; those of every call are known anyway.</summary>
internal sealed record Refuses(IReadOnlyList<Error> Errors);

/// <summary>What endpoints say of themselves. Schemas are made when they are asked for: to make all of them took a twentieth of a start.</summary>
internal static class DescriptionExtensions
{
    /// <summary>The endpoint reads its body by this parser.</summary>
    public static TBuilder Takes<TBuilder, T>(this TBuilder builder, Func<Fields, T> parse)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Takes(() => Fields.Describe(parse)));

    /// <summary>The endpoint reads its query by this parser.</summary>
    public static TBuilder Asks<TBuilder, T>(this TBuilder builder, Func<Query, T> parse)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Asks(() => Query.Describe(parse)));

    /// <summary>The endpoint answers with this body.</summary>
    public static TBuilder Gives<TBuilder, T>(this TBuilder builder, int status, Func<JsonTypeInfo<T>> type)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Gives(status, NameOf(typeof(T)), () => AnswerSchema.Of(type())));

    /// <summary>The endpoint answers with a body that is written by hand.</summary>
    public static TBuilder Gives<TBuilder>(this TBuilder builder, int status, string name, Func<JsonNode> schema)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Gives(status, name, schema));

    /// <summary>The endpoint answers without a body.</summary>
    public static TBuilder Gives<TBuilder>(this TBuilder builder, int status)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Gives(status, Name: null, Schema: null));

    /// <summary>The endpoint may refuse for these reasons.</summary>
    public static TBuilder Refuses<TBuilder>(this TBuilder builder, params Error[] errors)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new Refuses(errors));

    /// <summary>TokenBody is Token to clients.</summary>
    private static string NameOf(Type type) => type.Name.EndsWith("Body", StringComparison.Ordinal) ? type.Name[..^4] : type.Name;
}

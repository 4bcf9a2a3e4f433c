using System.Text.Json;
using Mimu.Core;

namespace Mimu.Appliance.Http;

/// <summary>What some refusals say beyond their code, the same in a problem and in an <c>Error</c> frame.</summary>
internal static class ErrorData
{
    /// <summary>Writes the members into the object that is open.</summary>
    public static void Write(Utf8JsonWriter writer, Error error)
    {
        switch (error)
        {
            case StaleMembership stale:
                writer.WriteNumber("membership_version"u8, stale.MembershipVersion);
                break;
            case ValidationFailed validation:
                writer.WriteStartObject("errors"u8);
                foreach (var member in validation.Faults.GroupBy(fault => fault.Path))
                {
                    writer.WriteStartArray(member.Key);
                    foreach (var fault in member)
                    {
                        writer.WriteStringValue(fault.Sentence);
                    }
                    writer.WriteEndArray();
                }
                writer.WriteEndObject();
                break;
        }
    }
}

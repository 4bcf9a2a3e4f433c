using Microsoft.AspNetCore.Http.Headers;
using Microsoft.Net.Http.Headers;

namespace Mimu.Appliance.Media;

/// <summary>Under which conditions a client wants a file (RFC 9110 section 13.2.2), which S3 judges alike.</summary>
/// <param name="headers">The request's.</param>
/// <param name="tag">The file's ETag.</param>
/// <param name="modified">When it was last modified.</param>
internal sealed class Conditions(RequestHeaders headers, string tag, DateTimeOffset modified)
{
    private readonly EntityTagHeaderValue _tag = new(tag);

    /// <summary>HTTP's dates know whole seconds.</summary>
    private readonly DateTimeOffset _modified = DateTimeOffset.FromUnixTimeSeconds(modified.ToUnixTimeSeconds());

    /// <summary>412: the client wants another version.</summary>
    public bool HaveFailed => headers.Headers.IfMatch.Count > 0
        ? !headers.IfMatch.Any(wanted => wanted.Equals(EntityTagHeaderValue.Any) || wanted.Compare(_tag, useStrongComparison: true))
        : headers.IfUnmodifiedSince < _modified;

    /// <summary>304: the client has it.</summary>
    public bool AreNotModified => headers.Headers.IfNoneMatch.Count > 0
        ? headers.IfNoneMatch.Any(had => had.Equals(EntityTagHeaderValue.Any) || had.Compare(_tag, useStrongComparison: false))
        : headers.IfModifiedSince >= _modified;

    /// <summary>Whether the part that the client asks for is of the version that it has begun with (RFC 9110 section 13.1.5).</summary>
    public bool RangeApplies => headers.Headers.IfRange.Count == 0
        || (headers.IfRange is { } condition && (condition.EntityTag?.Compare(_tag, useStrongComparison: true) ?? condition.LastModified == _modified));
}

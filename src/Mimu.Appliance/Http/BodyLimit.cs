using Microsoft.AspNetCore.Http.Metadata;

namespace Mimu.Appliance.Http;

/// <summary>Says of an endpoint that its bodies may have another size than <c>limits.json_body</c>; routing passes it on to the server.</summary>
internal sealed class BodyLimit(long bytes) : IRequestSizeLimitMetadata
{
    public long? MaxRequestBodySize => bytes;
}

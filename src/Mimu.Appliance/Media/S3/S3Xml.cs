using System.Xml;
using Mimu.Core.Media;

namespace Mimu.Appliance.Media.S3;

/// <summary>A page of the keys in a bucket.</summary>
/// <param name="Keys">In the order in which they came, without what is not named by a key.</param>
/// <param name="Next">What asks for the next page; null if this is the last.</param>
internal sealed record S3Page(IReadOnlyList<FileKey> Keys, string? Next);

/// <summary>Reads the answers of S3 that are XML. They come from outside: there are no DTDs and so no entities, and there is an end to them.</summary>
internal static class S3Xml
{
    /// <summary>A page has a thousand keys of less than a kilobyte each ("ListObjectsV2"), errors have a few hundred characters.</summary>
    public const int MaxBytes = 4 << 20;

    private static readonly XmlReaderSettings _settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaxBytes,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
    };

    /// <summary>The <c>Code</c> of an <c>Error</c>; null if it is none.</summary>
    public static string? ReadErrorCode(byte[] document)
    {
        try
        {
            var (isError, code) = (false, (string?)null);
            Read(document, (path, text) =>
            {
                isError |= path.StartsWith("Error/", StringComparison.Ordinal);
                code = path == "Error/Code" ? text : code;
            });
            // The word goes into logs and is compared: nothing but a word may get there.
            return isError && code is { Length: > 0 and <= 64 } && code.All(char.IsAsciiLetterOrDigit) ? code : null;
        }
        catch (XmlException)
        {
            return null;
        }
    }

    /// <summary>Reads a <c>ListBucketResult</c>.</summary>
    /// <exception cref="XmlException">It is none.</exception>
    public static S3Page ReadPage(byte[] document)
    {
        var keys = new List<FileKey>();
        var (isTruncated, next) = (false, (string?)null);
        var isListing = Read(document, (path, text) =>
        {
            switch (path)
            {
                case "ListBucketResult/Contents/Key" when FileKey.TryParse(text, out var key):
                    keys.Add(key);
                    break;
                case "ListBucketResult/IsTruncated":
                    isTruncated = text.Equals("true", StringComparison.OrdinalIgnoreCase);
                    break;
                case "ListBucketResult/NextContinuationToken":
                    next = text;
                    break;
            }
        }) == "ListBucketResult";
        if (!isListing || (isTruncated && string.IsNullOrEmpty(next)))
        {
            throw new XmlException("Not a ListBucketResult, or one that says that there is more and not where.");
        }
        return new S3Page(keys, isTruncated ? next : null);
    }

    /// <summary>Tells of every text where it stands; namespaces differ from store to store and mean nothing.</summary>
    /// <returns>The name of the outermost element.</returns>
    private static string? Read(byte[] document, Action<string, string> tell)
    {
        using var reader = XmlReader.Create(new MemoryStream(document), _settings);
        var path = new Stack<string>();
        string? root = null;
        while (reader.Read())
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element when !reader.IsEmptyElement:
                    path.Push(path.TryPeek(out var outer) ? $"{outer}/{reader.LocalName}" : root = reader.LocalName);
                    break;
                case XmlNodeType.Element:
                    root ??= reader.LocalName;
                    break;
                case XmlNodeType.EndElement:
                    path.Pop();
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA when path.TryPeek(out var here):
                    tell(here, reader.Value);
                    break;
            }
            if (reader.Depth > 16)
            {
                throw new XmlException("Too deep.");
            }
        }
        return root;
    }
}

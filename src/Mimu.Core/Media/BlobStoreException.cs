namespace Mimu.Core.Media;

/// <summary>The store of files can't be reached or does nothing that it is asked.</summary>
/// <param name="sentence">What is wrong and what to do, for the administrator, without secrets.</param>
/// <param name="inner">What was behind it.</param>
public class BlobStoreException(string sentence, Exception? inner = null) : IOException(sentence, inner);

using Mimu.Core.Media;
using Xunit;

namespace Mimu.Core.Tests.Media;

public sealed class ByteRangeTests
{
    /// <summary>The examples of RFC 9110 section 14.1.2, of a file of 10000 bytes, and their ends.</summary>
    [Theory]
    [InlineData("bytes=0-499", 0, 500)]
    [InlineData("bytes=500-999", 500, 500)]
    [InlineData("bytes=-500", 9500, 500)]
    [InlineData("bytes=9500-", 9500, 500)]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=-1", 9999, 1)]
    [InlineData("bytes=0-", 0, 10_000)]
    [InlineData("bytes=9999-9999", 9999, 1)]
    [InlineData("bytes=9999-10000", 9999, 1)]
    [InlineData("bytes=5000-99999999999999999999999999", 5000, 5000)]
    [InlineData("bytes=-10000", 0, 10_000)]
    [InlineData("bytes=-99999999999999999999999999", 0, 10_000)]
    [InlineData("bytes=00010-00019", 10, 10)]
    [InlineData("Bytes=0-499", 0, 500)]
    [InlineData("bytes= 0-499 ", 0, 500)]
    public void One_range_is_a_part(string header, long first, long length)
    {
        Assert.Equal(RangeOutcome.Part, ByteRange.Read(header, 10_000, out var range));
        Assert.Equal(new ByteRange(first, length), range);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("bytes")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    [InlineData("bytes=5")]
    [InlineData("bytes=9-5")]
    [InlineData("bytes=20000-5")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=0x0-9")]
    [InlineData("bytes=+0-9")]
    [InlineData("bytes=--9")]
    [InlineData("bytes=0 - 9")]
    [InlineData("bytes=\u0660-\u0669")]
    [InlineData("bytes=0-9,20-29")]
    [InlineData("bytes=0-9,")]
    [InlineData("bytes =0-9")]
    [InlineData("items=0-9")]
    [InlineData("=0-9")]
    public void What_is_no_single_range_of_bytes_asks_for_all_of_it(string? header)
    {
        Assert.Equal(RangeOutcome.Whole, ByteRange.Read(header, 10_000, out var range));
        Assert.Equal(new ByteRange(0, 10_000), range);
    }

    [Theory]
    [InlineData("bytes=10000-", 10_000)]
    [InlineData("bytes=10000-10000", 10_000)]
    [InlineData("bytes=99999999999999999999999999-", 10_000)]
    [InlineData("bytes=99999999999999999999999998-99999999999999999999999999", 10_000)]
    [InlineData("bytes=-0", 10_000)]
    [InlineData("bytes=0-", 0)]
    [InlineData("bytes=-0", 0)]
    public void Bytes_that_are_not_there_cannot_be_had(string header, long size)
    {
        Assert.Equal(RangeOutcome.Unsatisfiable, ByteRange.Read(header, size, out var range));
        Assert.Equal(0, range.Length);
    }

    [Fact]
    public void The_last_bytes_of_an_empty_file_are_all_of_it() => Assert.Equal(RangeOutcome.Whole, ByteRange.Read("bytes=-5", 0, out _));

    [Fact]
    public void A_part_says_where_it_is() => Assert.Equal("bytes 500-999/10000", new ByteRange(500, 500).ContentRange(10_000));

    [Fact]
    public void A_part_is_within_the_file()
    {
        for (var size = 1; size < 6; size++)
        {
            for (var a = -1; a < 8; a++)
            {
                for (var b = -1; b < 8; b++)
                {
                    var header = $"bytes={(a < 0 ? "" : a)}-{(b < 0 ? "" : b)}";
                    var expected = Enumerable.Range(0, size).Where(i => a < 0 ? i >= size - b : i >= a && (b < 0 || i <= b)).ToArray();
                    var outcome = ByteRange.Read(header, size, out var range);

                    if ((a < 0 && b < 0) || (b >= 0 && a > b))
                    {
                        Assert.Equal(RangeOutcome.Whole, outcome);
                    }
                    else if (expected.Length == 0)
                    {
                        Assert.Equal(RangeOutcome.Unsatisfiable, outcome);
                    }
                    else
                    {
                        Assert.Equal((RangeOutcome.Part, new ByteRange(expected[0], expected.Length)), (outcome, range));
                    }
                }
            }
        }
    }
}

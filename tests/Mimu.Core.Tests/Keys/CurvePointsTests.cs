using System.Numerics;
using System.Security.Cryptography;
using Mimu.Core.Keys;
using NSec.Cryptography;
using Xunit;

namespace Mimu.Core.Tests.Keys;

public sealed class CurvePointsTests
{
    /// <summary>
    /// Every encoding that X25519 reads as a point of low order: https://cr.yp.to/ecdh.html#validate without those that differ once the top bit is ignored
    /// (RFC 7748 section 5). In decimals there, in hex here; written down anew and not taken from the server's list.
    /// </summary>
    public static TheoryData<string> LowOrder =>
    [
        "0",
        "1",
        "325606250916557431795983626356110631294008115727848805560023387167927233504",
        "39382357235489614581723060781553021112529911719440698176882885853963445705823",
        "57896044618658097711785492504343953926634992332820282019728792003956564819948",
        "57896044618658097711785492504343953926634992332820282019728792003956564819949",
        "57896044618658097711785492504343953926634992332820282019728792003956564819950",
    ];

    [Theory]
    [MemberData(nameof(LowOrder))]
    public void A_point_of_low_order_gives_no_secret_and_is_found(string u)
    {
        var value = BigInteger.Parse(u, null);
        foreach (var topBit in (bool[])[false, true])
        {
            var key = Curves.Encode(value, topBit);

            Assert.Null(Agree(key));
            Assert.True(CurvePoints.IsLowOrderX25519(key), Convert.ToHexStringLower(key));
        }
        Assert.True(Curves.IsLowOrderX25519(value));
    }

    [Fact]
    public void Around_the_edges_of_the_field_exactly_those_of_low_order_are_found()
    {
        // Every spelling below 2^255 of the numbers around zero: the first ones have two.
        var numbers = Enumerable.Range(0, 40).Select(i => (BigInteger)i)
            .Concat(Enumerable.Range(-40, 40).Select(i => Curves.P + i))
            .Concat(Enumerable.Range(0, 19).Select(i => Curves.P + i));

        Assert.All(numbers, number => Assert.Equal(Curves.IsLowOrderX25519(number), CurvePoints.IsLowOrderX25519(Curves.Bytes(number))));
    }

    [Fact]
    public void Keys_of_x25519_are_accepted_by_the_hundred()
    {
        for (var i = 0; i < 100; i++)
        {
            using var key = Key.Create(KeyAgreementAlgorithm.X25519);
            Assert.False(CurvePoints.IsLowOrderX25519(key.PublicKey.Export(KeyBlobFormat.RawPublicKey)));

            // Any bytes are a point of the curve or its twist, and next to none of them of low order.
            var bytes = RandomNumberGenerator.GetBytes(32);
            Assert.False(CurvePoints.IsLowOrderX25519(bytes));
            Assert.NotNull(Agree(bytes));
        }
    }

    [Fact]
    public void Keys_of_ed25519_are_accepted_by_the_hundred()
    {
        for (var i = 0; i < 100; i++)
        {
            using var key = Key.Create(SignatureAlgorithm.Ed25519);
            Assert.True(CurvePoints.IsGoodEd25519(key.PublicKey.Export(KeyBlobFormat.RawPublicKey)));
        }
    }

    [Fact]
    public void All_eight_points_of_small_order_are_refused_under_either_sign()
    {
        // L times any point has small order; some points give all eight.
        var points = new HashSet<(BigInteger X, BigInteger Y)>();
        for (BigInteger y = 2; points.Count < 8; y++)
        {
            if (Curves.FindX(y) is { } x)
            {
                var small = Curves.Multiply((x, y), Curves.L);
                for (var i = 0; i < 8; i++)
                {
                    points.Add(Curves.Multiply(small, i));
                }
            }
        }

        Assert.Equal(8, points.Count);
        Assert.All(points, point => Assert.Equal((BigInteger.Zero, BigInteger.One), Curves.Multiply(point, 8)));
        Assert.All(points, point =>
        {
            Assert.False(CurvePoints.IsGoodEd25519(Curves.Encode(point)));
            Assert.False(CurvePoints.IsGoodEd25519(Curves.Encode(point.Y, point.X.IsEven)));
        });
    }

    [Fact]
    public void Second_spellings_are_refused()
    {
        // y and y + p are the same number; of the nineteen that fit, some are good points by their first spelling.
        var good = 0;
        for (var y = 0; y < 19; y++)
        {
            good += CurvePoints.IsGoodEd25519(Curves.Bytes(y)) ? 1 : 0;
            Assert.False(CurvePoints.IsGoodEd25519(Curves.Encode(Curves.P + y, sign: false)));
            Assert.False(CurvePoints.IsGoodEd25519(Curves.Encode(Curves.P + y, sign: true)));
        }
        Assert.NotEqual(0, good);
    }

    [Fact]
    public void Exactly_the_numbers_that_are_on_the_curve_are_accepted()
    {
        var numbers = Enumerable.Range(2, 50).Select(i => (BigInteger)i)
            .Concat(Enumerable.Range(0, 50).Select(_ => new BigInteger(RandomNumberGenerator.GetBytes(31), isUnsigned: true)))
            .ToList();

        var onCurve = numbers.FindAll(y => Curves.FindX(y) is not null);

        // About half are.
        Assert.InRange(onCurve.Count, 20, 80);
        Assert.All(numbers, y => Assert.Equal(onCurve.Contains(y), CurvePoints.IsGoodEd25519(Curves.Encode(y, sign: false))));
        Assert.All(numbers, y => Assert.Equal(onCurve.Contains(y), CurvePoints.IsGoodEd25519(Curves.Encode(y, sign: true))));
    }

    /// <summary>The shared secret by libsodium; null when it would be zero.</summary>
    private static SharedSecret? Agree(byte[] key)
    {
        using var own = Key.Create(KeyAgreementAlgorithm.X25519);
        return PublicKey.TryImport(KeyAgreementAlgorithm.X25519, key, KeyBlobFormat.RawPublicKey, out var other)
            ? KeyAgreementAlgorithm.X25519.Agree(own, other!)
            : null;
    }
}

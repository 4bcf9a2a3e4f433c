using System.Buffers.Text;
using System.Text;
using Mimu.Core.Subscriptions;
using Mimu.Core.Subscriptions.Apple;
using Xunit;

namespace Mimu.Core.Tests.Subscriptions.Apple;

/// <summary>What nobody would write. The dice fall the same way each time.</summary>
public sealed class AppleFuzzTests : AppleWorld
{
    private const string Characters = "ABCXYZabcxyz0189-_=.+/ \n\0é\ud800{}\"";

#pragma warning disable CA5394 // Nothing is kept secret by these dice.
    private readonly Random _random = new(20261122);

    [Fact]
    public void A_changed_receipt_is_never_accepted_and_nothing_is_thrown()
    {
        var good = Authority.Sign(Transaction());
        Accepted(Verify(good));
        var reasons = new HashSet<AppleRefusal>();
        for (var i = 0; i < 4000; i++)
        {
            var changed = Change(good);
            if (changed != good)
            {
                reasons.Add(Refused(Verify(changed)));
                Assert.False(AppleNotifications.Verify(changed, App, Now).Succeeded(out _, out _));
            }
        }
        Assert.Contains(AppleRefusal.SignatureWrong, reasons);
        Assert.Contains(AppleRefusal.NotCompactJws, reasons);
    }

    [Fact]
    public void A_receipt_with_a_changed_inside_is_never_accepted_and_nothing_is_thrown()
    {
        var parts = Authority.Sign(Transaction()).Split('.');
        var reasons = new HashSet<AppleRefusal>();
        for (var i = 0; i < 1500; i++)
        {
            var part = _random.Next(3);
            var bytes = Base64Url.DecodeFromChars(parts[part]);
            var changed = (string[])[.. parts];
            changed[part] = Base64Url.EncodeToString(Change(bytes));
            if (changed[part] != parts[part])
            {
                reasons.Add(Refused(Verify(string.Join('.', changed))));
            }
        }
        Assert.Contains(AppleRefusal.HeaderUnreadable, reasons);
        Assert.Contains(AppleRefusal.PayloadUnreadable, reasons);
        Assert.Contains(AppleRefusal.SignatureWrong, reasons);
    }

    /// <summary>Signed again with the leaf's key, so that it is the certificates alone that are looked at.</summary>
    [Fact]
    public void A_changed_certificate_is_never_accepted_and_nothing_is_thrown()
    {
        var payload = Transaction().ToJsonString();
        var reasons = new HashSet<AppleRefusal>();
        for (var i = 0; i < 3000; i++)
        {
            var certificates = (string[])[.. Authority.Certificates];
            var which = _random.Next(2);
            certificates[which] = Convert.ToBase64String(Change(Convert.FromBase64String(certificates[which])));
            if (certificates[which] != Authority.Certificates[which])
            {
                reasons.Add(Refused(Verify(Authority.Sign(payload, AppleAuthority.Header(certificates)))));
            }
        }
        Assert.Contains(AppleRefusal.CertificateUnreadable, reasons);
        Assert.Contains(AppleRefusal.NotToRoot, reasons);
    }

    [Fact]
    public void Whatever_Apple_signs_nothing_is_thrown()
    {
        var header = AppleAuthority.Header(Authority.Certificates);
        var good = Encoding.UTF8.GetBytes(Transaction().ToJsonString());
        string[] odd = ["null", "true", "false", "0", "-1", "1e400", "1.5", "99999999999999999999", "9223372036854775807", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[[]]]", "\"x\""];
        foreach (var name in Transaction().Select(member => member.Key).Append("revocationDate").Append("isUpgraded"))
        {
            foreach (var value in odd)
            {
                var json = Transaction((name, "@")).ToJsonString().Replace("\"@\"", value, StringComparison.Ordinal);
                Try(Authority.Sign(json, header));
            }
        }
        for (var i = 0; i < 1000; i++)
        {
            var bytes = Change(good);
            Try(Authority.Sign(Encoding.Latin1.GetString(bytes), header));
        }
    }

    /// <summary>Neither throws; what is accepted is whole.</summary>
    private void Try(string jws)
    {
        if (Verify(jws).Succeeded(out var purchase, out _))
        {
            Assert.Equal(StorePlatform.Apple, purchase.Platform);
            Assert.NotEmpty(purchase.PurchaseId);
            Assert.Contains(purchase.ProductId, App.ProductIds);
        }
        AppleNotifications.Verify(jws, App, Now).Succeeded(out _, out _);
    }

    private string Change(string text)
    {
        var result = new StringBuilder(text);
        for (var n = _random.Next(3); n >= 0; n--)
        {
            var at = _random.Next(result.Length);
            switch (_random.Next(6))
            {
                case 0:
                    result.Length = Math.Max(1, at);
                    break;
                case 1:
                    result.Remove(at, Math.Min(_random.Next(1, 9), result.Length - at));
                    break;
                case 2:
                    result.Insert(at, Characters[_random.Next(Characters.Length)]);
                    break;
                case 3:
                    result.Append(text, 0, _random.Next(text.Length));
                    break;
                default:
                    result[at] = Characters[_random.Next(Characters.Length)];
                    break;
            }
            if (result.Length == 0)
            {
                break;
            }
        }
        return result.ToString();
    }

    private byte[] Change(byte[] bytes)
    {
        var result = bytes.ToList();
        for (var n = _random.Next(3); n >= 0 && result.Count > 0; n--)
        {
            var at = _random.Next(result.Count);
            switch (_random.Next(8))
            {
                case 0:
                    result.RemoveRange(at, result.Count - at);
                    break;
                case 1:
                    result.RemoveAt(at);
                    break;
                case 2:
                    result.Insert(at, (byte)_random.Next(256));
                    break;
                case 3:
                    result[at] = (byte)_random.Next(256);
                    break;
                default:
                    result[at] ^= (byte)(1 << _random.Next(8));
                    break;
            }
        }
        return [.. result];
    }
#pragma warning restore CA5394
}

namespace Mimu.Appliance.Configuration;

/// <summary><c>[limits]</c> (protocol section 14).</summary>
internal sealed class LimitsOptions
{
    public readonly PremiumOptions Premium = new();
    public readonly RatesOptions Rates = new();

    /// <summary>The most bytes of a JSON body.</summary>
    public long JsonBody = 1L << 20;

    /// <summary>The most bytes of a WebSocket message from a client.</summary>
    public long WebSocketFrame = 512L << 10;

    /// <summary>The most one-time prekeys kept for a device and kind.</summary>
    public int OneTimePrekeys = 500;

    /// <summary>Below this many one-time prekeys a device is told so.</summary>
    public int PrekeysLow = 10;
}

/// <summary><c>[limits.premium]</c>: what takes the place of <see cref="MediaOptions"/>' sizes for premium accounts.</summary>
internal sealed class PremiumOptions
{
    /// <summary>The most bytes of one file.</summary>
    public long MaxFile = 2L << 30;

    /// <summary>The most bytes of all of an account's files.</summary>
    public long Quota = 50L << 30;
}

/// <summary><c>[limits.rates]</c>: token buckets, one an account where nothing else is said.</summary>
internal sealed class RatesOptions
{
    /// <summary>Whether rates are limited at all.</summary>
    public bool Enabled = true;

    /// <summary>Registrations, per address.</summary>
    public Rate Register = new(5, 0.084);

    /// <summary>Logins, per address.</summary>
    public Rate LoginAddress = new(10, 10);

    /// <summary>Logins, per account.</summary>
    public Rate LoginAccount = new(5, 5);

    /// <summary>Refreshes, per session.</summary>
    public Rate Refresh = new(30, 30);

    /// <summary>Password resets.</summary>
    public Rate Reset = new(5, 0.084);

    /// <summary>Fetches of prekeys.</summary>
    public Rate Prekeys = new(60, 60);

    /// <summary>Fetches of one target's prekeys by one caller.</summary>
    public Rate PrekeysPair = new(5, 5);

    /// <summary>Searches.</summary>
    public Rate Search = new(60, 60);

    /// <summary>New chats.</summary>
    public Rate CreateChat = new(30, 30);

    /// <summary>Messages.</summary>
    public Rate Send = new(200, 600);

    /// <summary>Uploads.</summary>
    public Rate Upload = new(60, 60);

    /// <summary>WebSocket frames, per socket.</summary>
    public Rate Frames = new(100, 3000);

    /// <summary>Call offers.</summary>
    public Rate CallOffer = new(30, 30);
}

/// <summary>A token bucket. Fields, so that the catalogue can reach each number on its own.</summary>
internal record struct Rate
{
    /// <summary>The bucket's size: calls that may come at once.</summary>
    public int Burst;

    /// <summary>The calls a minute that are given back.</summary>
    public double PerMinute;

    public Rate(int burst, double perMinute)
    {
        Burst = burst;
        PerMinute = perMinute;
    }
}

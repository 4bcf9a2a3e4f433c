using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Google;
using Mimu.Appliance.Outside;
using Mimu.Core.Subscriptions;

namespace Mimu.Appliance.Subscriptions;

/// <summary>
/// Google Play by its Developer API v3. A purchase token is looked up as a subscription's first, since most are; Google answers 400 or 404 to the token of a product that is bought
/// once, which is then looked up as such, if whoever asks knows the product. All of it together, with an access token, is given one limit: somebody waits for it.
/// </summary>
internal sealed partial class GooglePlayStore : IPlayStore, IDisposable
{
    private const string Scope = "https://www.googleapis.com/auth/androidpublisher";
    private const string Service = "Google Play";
    private const string Credentials = "subscriptions.google.credentials_file";

    /// <summary>A purchase has some kilobytes.</summary>
    private const int MaxAnswer = 256 * 1024;

    /// <summary>"Quotas" of the Play Developer API are per minute.</summary>
    private static readonly TimeSpan _afterQuota = TimeSpan.FromMinutes(1);

    private readonly GoogleAccount _account;
    private readonly string[] _products;
    private readonly OutsideDoor _door;
    private readonly GoogleAccessToken _tokens;
    private readonly string _purchases;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    /// <summary>What an administrator was told and has not seen to yet; null for nothing.</summary>
    private string? _told;

    /// <param name="account">Who this server is; disposed with this.</param>
    /// <param name="options">The app, its products and where the service is.</param>
    /// <param name="clock">The time.</param>
    /// <param name="logger">Where administrators read.</param>
    /// <param name="limit">How long a look-up may take; null as usual.</param>
    public GooglePlayStore(GoogleAccount account, GoogleOptions options, TimeProvider clock, ILogger<GooglePlayStore> logger, TimeSpan? limit = null)
    {
        (_account, _products, _clock, _logger, _limit) = (account, options.ProductIds, clock, logger, limit ?? OutsideDoor.Patience);
        _door = new OutsideDoor(OutsideDoor.Handler(), clock) { Limit = _limit, MaxAnswer = MaxAnswer };
        _tokens = new GoogleAccessToken(account, Scope, Credentials, _door, clock);
        _purchases = $"{options.Endpoint.TrimEnd('/')}/androidpublisher/v3/applications/{Uri.EscapeDataString(options.PackageName)}/purchases/";
    }

    /// <exception cref="FormatException">The credentials changed since they were checked.</exception>
    public static GooglePlayStore Of(GoogleOptions options, TimeProvider clock, ILogger<GooglePlayStore> logger) =>
        new(GoogleAccount.Parse(File.ReadAllText(options.CredentialsFile)), options, clock, logger);

    public async ValueTask<PlayAnswer> LookUpAsync(string purchaseToken, string? productId, CancellationToken cancellation)
    {
        if (!PlayNames.IsToken(purchaseToken))
        {
            return new PlayInvalid("It is not a purchase token as Google has them");
        }
        if (productId is not null && !PlayNames.IsProduct(productId))
        {
            return new PlayInvalid("It is not a product's id as Google has them");
        }
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        wait.CancelAfter(_limit);
        var purchase = new GooglePlayPurchase(purchaseToken, _products, _clock.GetUtcNow());
        var answer = await SendAsync(HttpMethod.Get, $"subscriptionsv2/tokens/{Uri.EscapeDataString(purchaseToken)}", wait.Token, cancellation);
        var outcome = Weigh(answer, purchase.ReadSubscription);
        if (outcome is not PlayInvalid || answer.Status is not (400 or 404) || productId is null || !GooglePlayPurchase.Counts(_products, productId))
        {
            return outcome;
        }
        answer = await SendAsync(HttpMethod.Get, $"products/{Uri.EscapeDataString(productId)}/tokens/{Uri.EscapeDataString(purchaseToken)}", wait.Token, cancellation);
        return Weigh(answer, json => purchase.ReadProduct(json, productId));
    }

    public async ValueTask<bool> AcknowledgeAsync(StorePurchase purchase, CancellationToken cancellation)
    {
        if (purchase.Platform is not StorePlatform.Google || purchase.State is PurchaseState.Pending || !PlayNames.IsToken(purchase.PurchaseId) || !PlayNames.IsProduct(purchase.ProductId))
        {
            return false;
        }
        using var wait = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        wait.CancelAfter(_limit);
        var kind = purchase.IsSubscription ? "subscriptions" : "products";
        var answer = await SendAsync(HttpMethod.Post,
            $"{kind}/{Uri.EscapeDataString(purchase.ProductId)}/tokens/{Uri.EscapeDataString(purchase.PurchaseId)}:acknowledge", wait.Token, cancellation);
        if (answer.Status is >= 200 and < 300)
        {
            return true;
        }
        // Done before, maybe, or by another at this moment: Google's words for it are not written down anywhere, so the purchase is asked.
        if (answer.Status is 400 or 409
            && await LookUpAsync(purchase.PurchaseId, purchase.ProductId, cancellation) is PlayFound { Purchase: { NeedsAcknowledgement: false, State: not PurchaseState.Pending } })
        {
            return true;
        }
        LogNotAcknowledged(answer.Tell(Service, GooglePlayError.Read(answer)?.Word));
        return false;
    }

    public void Dispose()
    {
        _door.Dispose();
        _account.Dispose();
    }

    /// <summary>Sends a request, with another access token once if Google takes the present one no longer.</summary>
    /// <param name="method">POST is with an empty object.</param>
    /// <param name="path">What follows <c>purchases/</c>.</param>
    /// <param name="wait">Ends when it takes too long, or with the next.</param>
    /// <param name="cancellation">Ends when the caller gives up.</param>
    private async Task<OutsideAnswer> SendAsync(HttpMethod method, string path, CancellationToken wait, CancellationToken cancellation)
    {
        string? stale = null;
        while (true)
        {
            GoogleGrant grant;
            try
            {
                grant = await _tokens.GetAsync(stale, wait);
            }
            catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
            {
                return OutsideAnswer.None($"{_account.TokenAddress.IdnHost} does not answer in time", e);
            }
            if (grant.Refusal is { } refusal)
            {
                if (refusal.Cause is GoogleRefusalCause.Credentials)
                {
                    TellOnce(refusal.Detail);
                }
                return OutsideAnswer.None(refusal.Detail, null) with { RetryAfter = refusal.RetryAfter };
            }
            using var request = new HttpRequestMessage(method, _purchases + path)
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            };
            if (method == HttpMethod.Post)
            {
                request.Content = new ByteArrayContent("{}"u8.ToArray()) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            }
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", grant.Token);
            var answer = await _door.SendAsync(request, wait, cancellation);
            // A token that has ended early, for whatever reason; where a right is missing, another token has it neither.
            if (answer.Status != 401 || stale is not null || GooglePlayError.Read(answer)?.Word is "permissionDenied")
            {
                return answer;
            }
            stale = grant.Token;
        }
    }

    /// <summary>What an answer says of a purchase. Only Google's own errors say that there is none: those of others would end what was paid for.</summary>
    private PlayAnswer Weigh(OutsideAnswer answer, Func<JsonElement, PlayAnswer?> read)
    {
        var error = answer.Status is 0 or 200 ? null : GooglePlayError.Read(answer);
        var told = answer.Tell(Service, error?.Word);
        if (answer.Status == 200 || (answer.Status is 400 or 404 or 410 && error is not (null or { Word: "applicationNotFound" })))
        {
            // Whatever there was to be seen to has been.
            _told = null;
        }
        return (answer.Status, error) switch
        {
            (200, _) => answer.Read(read) ?? new PlayUnavailable($"{told} with what is not understood"),
            (404, { Word: "applicationNotFound" }) => ForAdministrator($"{told}: there is no such app. Check subscriptions.google.package_name"),
            (400 or 404, not null) => new PlayInvalid(told),
            (410, not null) => new PlayInvalid(told) { IsGone = true },
            (429, _) or (403, { IsOfQuota: true }) => new PlayUnavailable(told) { RetryAfter = answer.RetryAfter ?? _afterQuota },
            (401 or 403, _) => ForAdministrator(
                $"{told}: the service account of {Credentials} may not see purchases. "
                + "In Play Console it needs \"View financial data\" and \"Manage orders and subscriptions\", and the API to be enabled"),
            (0 or >= 500, _) => new PlayUnavailable(told) { RetryAfter = answer.RetryAfter },
            // A redirect too: it would take the access token elsewhere.
            _ => ForAdministrator($"{told}, but not as Google does. Check subscriptions.google.endpoint"),
        };
    }

    private PlayUnavailable ForAdministrator(string reason)
    {
        TellOnce(reason);
        return new PlayUnavailable(reason);
    }

    /// <summary>Until it is seen to, or is something else: each look-up would say it again.</summary>
    private void TellOnce(string reason)
    {
        if (Interlocked.Exchange(ref _told, reason) != reason)
        {
            LogRefused(reason);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Purchases in Google Play can't be checked. {Reason}")]
    private partial void LogRefused(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A purchase in Google Play could not be acknowledged; it will be tried again. {Reason}")]
    private partial void LogNotAcknowledged(string reason);
}

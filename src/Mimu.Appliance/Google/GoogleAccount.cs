using System.Security.Cryptography;
using System.Text.Json;
using Mimu.Appliance.Configuration;
using Mimu.Appliance.Outside;

namespace Mimu.Appliance.Google;

/// <summary>A Google service account: who this server is to Google (the JSON file that Google's console makes). Has no text form that would tell the key to a log.</summary>
internal sealed class GoogleAccount : IDisposable
{
    private const string TokenUri = "https://oauth2.googleapis.com/token";

    private GoogleAccount(RSA key, JsonElement json) =>
        (Key, KeyId, Project, Mail, TokenAddress) = (key, Text(json, "private_key_id"), Text(json, "project_id"), Text(json, "client_email"), new Uri(AddressIn(json)));

    public RSA Key { get; }

    public string KeyId { get; }

    /// <summary>The project that it is of; FCM's is its Firebase project.</summary>
    public string Project { get; }

    public string Mail { get; }

    /// <summary>Where it gets access tokens.</summary>
    public Uri TokenAddress { get; }

    /// <summary>What is wrong with the file's text, beginning after its name; null if nothing is. Nothing of the text is in it.</summary>
    public static string? Check(string text)
    {
        try
        {
            using var account = Parse(text);
            return null;
        }
        catch (FormatException e)
        {
            return $"is not the JSON file of a Google service account: {e.Message}";
        }
    }

    /// <exception cref="FormatException">It is not the file of a service account. The message is for the administrator.</exception>
    public static GoogleAccount Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var json = document.RootElement;
            if (json.ValueKind is not JsonValueKind.Object || Text(json, "type") != "service_account")
            {
                throw new FormatException("its type is not \"service_account\"");
            }
            foreach (var name in (string[])["project_id", "private_key_id", "private_key", "client_email"])
            {
                if (Text(json, name).Length == 0)
                {
                    throw new FormatException($"it has no {name}");
                }
            }
            if (Checks.Endpoint(AddressIn(json)) is { } fault)
            {
                throw new FormatException($"its token_uri {fault}");
            }
            return new GoogleAccount(KeyIn(json), json);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new FormatException("it is not JSON");
        }
    }

    public void Dispose() => Key.Dispose();

    private static RSA KeyIn(JsonElement json)
    {
        var key = RSA.Create();
        try
        {
            key.ImportFromPem(Text(json, "private_key"));
            // A public key can be read too, and not sign.
            key.SignData([], HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            return key;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            key.Dispose();
            throw new FormatException("its private_key is not a private RSA key");
        }
    }

    private static string AddressIn(JsonElement json) => Text(json, "token_uri") is { Length: > 0 } given ? given : TokenUri;

    private static string Text(JsonElement json, string name) => OutsideAnswer.Text(json, name) ?? "";
}

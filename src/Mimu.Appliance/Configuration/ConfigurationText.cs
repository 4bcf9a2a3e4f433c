using System.Reflection;
using System.Text;

namespace Mimu.Appliance.Configuration;

/// <summary>The settings as text: <c>mimu config show</c> and <c>mimu config example</c>.</summary>
internal static class ConfigurationText
{
    /// <summary>All effective settings as TOML that can be read again. Secrets are masked.</summary>
    public static string Show(MimuOptions options)
    {
        var text = new StringBuilder();
        var table = "";
        foreach (var setting in Settings.All)
        {
            if (setting.Table != table)
            {
                table = setting.Table;
                text.Append(text.Length > 0 ? "\n" : "").Append('[').Append(table).Append("]\n");
            }
            // Given beside its file, the secret would be a fault when this is read again.
            if (setting is SecretSetting secret && secret.Twin.In(options).Length > 0)
                text.Append("# from the file: ");
            text.Append(setting.Name).Append(" = ").Append(setting.Write(options)).Append('\n');
        }
        return text.ToString();
    }

    /// <summary>The explained example, as it stands in <c>mimu.toml.example</c>.</summary>
    public static string Example()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("mimu.toml.example")
            ?? throw new InvalidOperationException("mimu.toml.example is not embedded");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}

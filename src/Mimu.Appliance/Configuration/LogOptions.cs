namespace Mimu.Appliance.Configuration;

/// <summary><c>[log]</c>: what is written to standard error, and how.</summary>
internal sealed class LogOptions
{
    /// <summary>The least level that is written.</summary>
    public LogLevel Level = LogLevel.Information;

    /// <summary>Lines for people or for programs.</summary>
    public LogFormat Format = LogFormat.Text;
}

/// <summary>The form of a log line.</summary>
internal enum LogFormat
{
    /// <summary>One line for people.</summary>
    Text,

    /// <summary>One JSON object a line.</summary>
    Json,
}

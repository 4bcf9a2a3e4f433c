using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Mimu.Appliance.Tests.Stage;

/// <summary>Keeps everything that is logged: messages, their values, scopes and exceptions.</summary>
internal sealed class LogBook : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<string> _entries = new();
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public IReadOnlyCollection<string> Entries => _entries;

    public ILogger CreateLogger(string categoryName) => new Writer(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private sealed class Writer(LogBook book, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => book._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var scopes = new List<string>();
            book._scopes.ForEachScope((scope, all) => all.Add(Spell(scope)), scopes);
            book._entries.Enqueue($"{logLevel} {category} {formatter(state, exception)} | {Spell(state)} | {string.Join(" | ", scopes)} | {exception}");
        }

        private static string Spell(object? state) => state is IEnumerable<KeyValuePair<string, object?>> values
            ? string.Join(", ", values.Select(value => $"{value.Key}={value.Value}"))
            : $"{state}";
    }
}

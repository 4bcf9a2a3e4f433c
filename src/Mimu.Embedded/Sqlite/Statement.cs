using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Mimu.Embedded.Sqlite;

/// <summary>
/// A statement prepared once a connection and bound by place, for the paths where preparing it anew and finding parameters by name would cost more than running it:
/// transactions, sending, catching up. Everything else goes through Dapper. Not for two threads at once, like the connection itself.
/// </summary>
internal sealed class Statement(SqliteConnection connection, string sql) : IDisposable
{
    private sqlite3_stmt? _statement;
    private int _bound;

    // Which parameters are NULL: a bit for each. What is bound stays bound, and most messages leave most of them so.
    private ulong _nulls = ulong.MaxValue;

    public Statement Add(long value) => Check(raw.sqlite3_bind_int64(Next(), _bound, value));

    public Statement Add(long? value) => value is { } number ? Add(number) : AddNull();

    public Statement Add(string value) => Check(raw.sqlite3_bind_text(Next(), _bound, value));

    public Statement Add(ReadOnlySpan<byte> value) => Check(value.IsEmpty
        ? raw.sqlite3_bind_zeroblob(Next(), _bound, 0)
        : raw.sqlite3_bind_blob(Next(), _bound, value));

    /// <summary>An id, as <see cref="Columns"/> stores it.</summary>
    public Statement Add(Guid value)
    {
        Span<byte> bytes = stackalloc byte[16];
        value.TryWriteBytes(bytes, bigEndian: true, out _);
        return Add(bytes);
    }

    public Statement Add(Guid? value) => value is { } id ? Add(id) : AddNull();

    /// <summary>Runs it for its effect.</summary>
    public void Execute()
    {
        using var rows = Query();
        rows.Read();
    }

    /// <summary>Runs it for its rows. Until they are disposed of, it can't run again.</summary>
    public Rows Query()
    {
        Prepare();
        _bound = 0;
        return new Rows(connection, _statement!);
    }

    /// <summary>How many rows the last statement of a connection changed itself.</summary>
    public static int Changes(SqliteConnection connection) => raw.sqlite3_changes(connection.Handle);

    public void Dispose() => _statement?.Dispose();

    private sqlite3_stmt Next()
    {
        Prepare();
        _nulls &= ~(1UL << _bound);
        _bound++;
        return _statement!;
    }

    private Statement AddNull()
    {
        if ((_nulls >> _bound & 1) == 1)
        {
            _bound++;
            return this;
        }
        Check(raw.sqlite3_bind_null(Next(), _bound));
        _nulls |= 1UL << (_bound - 1);
        return this;
    }

    private void Prepare()
    {
        if (_statement is null)
        {
            SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(connection.Handle, sql, out _statement), connection.Handle);
        }
    }

    private Statement Check(int code)
    {
        SqliteException.ThrowExceptionForRC(code, connection.Handle);
        return this;
    }

    /// <summary>The rows of one run.</summary>
    internal readonly ref struct Rows(SqliteConnection connection, sqlite3_stmt statement)
    {
        /// <summary>Goes to the next row; false when there is none.</summary>
        public bool Read()
        {
            var code = raw.sqlite3_step(statement);
            if (code is raw.SQLITE_ROW)
            {
                return true;
            }
            if (code is not raw.SQLITE_DONE)
            {
                SqliteException.ThrowExceptionForRC(code, connection.Handle);
            }
            return false;
        }

        public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

        public long Long(int column) => raw.sqlite3_column_int64(statement, column);

        public long? LongOrNull(int column) => IsNull(column) ? null : Long(column);

        public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

        public byte[] Bytes(int column) => raw.sqlite3_column_blob(statement, column).ToArray();

        public Guid Id(int column) => new(raw.sqlite3_column_blob(statement, column), bigEndian: true);

        public Guid? IdOrNull(int column) => IsNull(column) ? null : Id(column);

        public void Dispose() => raw.sqlite3_reset(statement);
    }
}

using System.Data;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Mimu.Embedded.Sqlite;

/// <summary>
/// Bytes as a parameter. Dapper expands a naked <c>byte[]</c> like a list, which SQLite refuses or, at length one, stores as a number; a test looks for them.
/// </summary>
internal sealed class Blob(byte[]? value) : SqlMapper.ICustomQueryParameter
{
    public void AddParameter(IDbCommand command, string name) =>
        command.Parameters.Add(new SqliteParameter(name, SqliteType.Blob) { Value = (object?)value ?? DBNull.Value });
}

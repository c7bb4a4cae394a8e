using Parquet;
using Parquet.Schema;

namespace SubspaceCircuits.Cli.Bench;

/// <summary>A table as a Parquet file, as pandas, polars and DuckDB read it.</summary>
/// <typeparam name="T">A row.</typeparam>
internal sealed class ParquetTable<T>(IReadOnlyList<T> rows)
{
    private readonly List<(DataField Field, Func<ParquetRowGroupWriter, DataField, Task> Write)> _columns = [];

    /// <summary>Adds a column of numbers or truth values.</summary>
    /// <param name="name">Name, snake_case.</param>
    /// <param name="of">Its value in a row.</param>
    public ParquetTable<T> Column<TValue>(string name, Func<T, TValue> of)
        where TValue : struct
    {
        TValue[] values = [.. rows.Select(of)];
        _columns.Add((new DataField(name, typeof(TValue), isNullable: false), (group, field) => group.WriteAsync<TValue>(field, values.AsMemory())));
        return this;
    }

    /// <summary>Adds a column of words.</summary>
    /// <param name="name">Name, snake_case.</param>
    /// <param name="of">Its value in a row.</param>
    public ParquetTable<T> Column(string name, Func<T, string> of)
    {
        string[] values = [.. rows.Select(of)];
        _columns.Add((new DataField(name, typeof(string), isNullable: false), (group, field) => group.WriteAsync(field, values)));
        return this;
    }

    /// <summary>Writes the file.</summary>
    public void Write(string path)
    {
        using var bytes = new MemoryStream();
        WriteAsync(bytes).GetAwaiter().GetResult();
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllBytes(path, bytes.ToArray());
    }

    private async Task WriteAsync(Stream stream)
    {
        var writer = await ParquetWriter.CreateAsync(new ParquetSchema(_columns.Select(column => column.Field)), stream).ConfigureAwait(false);
        await using (writer.ConfigureAwait(false))
        {
            using var group = writer.CreateRowGroup();
            foreach (var (field, write) in _columns)
                await write(group, field).ConfigureAwait(false);
        }
    }
}

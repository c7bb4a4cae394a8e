using System.Runtime.Intrinsics;
using static SubspaceCircuits.Training.Engine.Lanes;

namespace SubspaceCircuits.Training.Engine;

/// <summary>A sequence within the rows of a chunk.</summary>
/// <param name="Key">First of its rows among all rows, which are its keys.</param>
/// <param name="Keys">How many.</param>
/// <param name="Query">First of its rows among the rows that a block writes, which are its queries.</param>
/// <param name="Positions">Position of each query within the sequence, ascending.</param>
internal readonly record struct SequenceRows(int Key, int Keys, int Query, int[] Positions);

/// <summary>
/// Causal softmax attention of the heads of one block, for the queries that are wanted, and its gradient. Six queries are worked on at a time,
/// over no more keys than the last of them sees.
/// </summary>
/// <param name="layout">Gives the widths.</param>
internal sealed class AttentionPass(ParameterLayout layout)
{
    private const int Block = 6;
    private readonly float _scale = 1 / MathF.Sqrt(layout.Config.DHead);
    private readonly int _e = layout.DHead, _heads = layout.Heads;
    private float[] _patterns = [], _columns = [], _dropped = [], _dScores = [];
    private int[] _starts = [];

    /// <summary>Mixes values by attention.</summary>
    /// <param name="sequences">Sequences of the chunk.</param>
    /// <param name="q">Queries. [query row, head, d_head]</param>
    /// <param name="kv">Keys of all heads, then values of all heads. [row, 2, head, d_head]</param>
    /// <param name="z">Result; overwritten. [query row, head, d_head]</param>
    /// <param name="dropout">Mask on the pattern.</param>
    public void Forward(IReadOnlyList<SequenceRows> sequences, float[] q, float[] kv, float[] z, DropoutMask dropout)
    {
        Reserve(sequences);
        for (var s = 0; s < sequences.Count; s++)
        {
            var (key, keys, query, positions) = sequences[s];
            var width = Pad(keys);
            for (var head = 0; head < layout.Config.NHeads; head++)
            {
                var start = StartOf(s, head, positions.Length * width);
                Transpose(kv, key, keys, head * _e, width);
                for (var first = 0; first < positions.Length; first += Block)
                {
                    var rows = Math.Min(Block, positions.Length - first);
                    var seen = positions[first + rows - 1] + 1;
                    ref var scores = ref At(_patterns, start + first * width);
                    _patterns.AsSpan(start + first * width, rows * width).Clear();
                    MatrixProduct.Add(ref At(q, (query + first) * _heads + head * _e), _heads, 1, ref At(_columns), width, ref scores, width, rows, Pad(seen), _e);
                    for (var row = 0; row < rows; row++)
                        Softmax(_patterns.AsSpan(start + (first + row) * width, Pad(seen)), positions[first + row] + 1);

                    ref var pattern = ref Dropped(start + first * width, rows * width, dropout);
                    for (var row = 0; row < rows; row++)
                        z.AsSpan((query + first + row) * _heads + head * _e, _e).Clear();
                    MatrixProduct.Add(ref pattern, width, 1, ref At(kv, key * 2 * _heads + _heads + head * _e), 2 * _heads, ref At(z, (query + first) * _heads + head * _e), _heads, rows, _e, seen);
                }
            }
        }
    }

    /// <summary>Gradients of queries, keys and values; all are added to. Comes after <see cref="Forward"/> on the same input.</summary>
    public void Backward(IReadOnlyList<SequenceRows> sequences, float[] q, float[] kv, float[] dz, float[] dq, float[] dkv, DropoutMask dropout)
    {
        for (var s = 0; s < sequences.Count; s++)
        {
            var (key, keys, query, positions) = sequences[s];
            var width = Pad(keys);
            Ensure(ref _dScores, positions.Length * width);
            for (var head = 0; head < layout.Config.NHeads; head++)
            {
                var start = StartOf(s, head, positions.Length * width);
                Transpose(kv, key, keys, _heads + head * _e, width);
                ref var pattern = ref Dropped(start, positions.Length * width, dropout);
                _dScores.AsSpan(0, positions.Length * width).Clear();
                for (var first = 0; first < positions.Length; first += Block)
                {
                    var rows = Math.Min(Block, positions.Length - first);
                    var seen = positions[first + rows - 1] + 1;
                    MatrixProduct.Add(ref At(dz, (query + first) * _heads + head * _e), _heads, 1, ref At(_columns), width, ref At(_dScores, first * width), width, rows, Pad(seen), _e);
                    dropout.Apply(ref At(_dScores, first * width), rows * width, start + first * width);
                    for (var row = 0; row < rows; row++)
                        SoftmaxBackward(ref At(_patterns, start + (first + row) * width), ref At(_dScores, (first + row) * width), Pad(seen));
                    MatrixProduct.Add(ref At(_dScores, first * width), width, 1, ref At(kv, key * 2 * _heads + head * _e), 2 * _heads, ref At(dq, (query + first) * _heads + head * _e), _heads, rows, _e, seen);
                }

                // Key j is seen by the queries from the first at or after j on.
                for (int j = 0, from = 0; j < keys; j += Block)
                {
                    while (from < positions.Length && positions[from] < j)
                        from++;
                    var (rows, terms) = (Math.Min(Block, keys - j), positions.Length - from);
                    ref var dKey = ref At(dkv, (key + j) * 2 * _heads + head * _e);
                    if (terms == 0)
                        break;
                    MatrixProduct.Add(ref At(_dScores, from * width + j), 1, width, ref At(q, (query + from) * _heads + head * _e), _heads, ref dKey, 2 * _heads, rows, _e, terms);
                    MatrixProduct.Add(ref System.Runtime.CompilerServices.Unsafe.Add(ref pattern, from * width + j), 1, width, ref At(dz, (query + from) * _heads + head * _e), _heads,
                        ref At(dkv, (key + j) * 2 * _heads + _heads + head * _e), 2 * _heads, rows, _e, terms);
                }
            }
        }
    }

    private int StartOf(int sequence, int head, int size) => _starts[sequence] + head * size;

    private void Reserve(IReadOnlyList<SequenceRows> sequences)
    {
        if (_starts.Length < sequences.Count)
            _starts = new int[sequences.Count];
        int total = 0, columns = 0;
        for (var s = 0; s < sequences.Count; s++)
        {
            _starts[s] = total;
            total += sequences[s].Positions.Length * Pad(sequences[s].Keys) * layout.Config.NHeads;
            columns = Math.Max(columns, Pad(sequences[s].Keys) * _e);
        }

        Ensure(ref _patterns, total);
        Ensure(ref _columns, columns);
    }

    /// <summary>Puts one head's keys or values into columns. [d_head, key]</summary>
    private void Transpose(float[] kv, int key, int keys, int offset, int width)
    {
        for (var j = 0; j < keys; j++)
        {
            var from = (key + j) * 2 * _heads + offset;
            for (var i = 0; i < _e; i++)
                _columns[i * width + j] = kv[from + i];
        }

        for (var i = 0; i < _e; i++)
            _columns.AsSpan(i * width + keys, width - keys).Clear();
    }

    /// <summary>The pattern as the values see it: after dropout.</summary>
    private ref float Dropped(int start, int length, DropoutMask dropout)
    {
        if (!dropout.IsActive)
            return ref At(_patterns, start);
        Ensure(ref _dropped, length);
        _patterns.AsSpan(start, length).CopyTo(_dropped);
        dropout.Apply(ref At(_dropped), length, start);
        return ref At(_dropped);
    }

    /// <summary>Softmax of the scaled scores that are seen; zero elsewhere.</summary>
    private void Softmax(Span<float> row, int seen)
    {
        var end = Pad(seen);
        row[seen..end].Fill(float.NegativeInfinity);
        row[end..].Clear();
        ref var scores = ref row[0];
        var greatest = Vector256.Create(float.NegativeInfinity);
        for (var i = 0; i < end; i += Width)
            greatest = Vector256.Max(greatest, Load(ref scores, i));
        var top = float.NegativeInfinity;
        for (var i = 0; i < Width; i++)
            top = MathF.Max(top, greatest[i]);
        var sum = Vector256<float>.Zero;
        for (var i = 0; i < end; i += Width)
        {
            var value = Vector256.Exp((Load(ref scores, i) - Vector256.Create(top)) * _scale);
            sum += value;
            Store(value, ref scores, i);
        }

        var inverse = Vector256.Create(1 / Vector256.Sum(sum));
        for (var i = 0; i < end; i += Width)
            Store(Load(ref scores, i) * inverse, ref scores, i);
    }

    /// <summary><c>ds = p∘(dp − Σ p∘dp)/√d_head</c>, in place of dp.</summary>
    private void SoftmaxBackward(ref float pattern, ref float gradient, int end)
    {
        var sum = Vector256<float>.Zero;
        for (var i = 0; i < end; i += Width)
            sum = Fma(Load(ref pattern, i), Load(ref gradient, i), sum);
        var mean = Vector256.Create(Vector256.Sum(sum));
        for (var i = 0; i < end; i += Width)
            Store(Load(ref pattern, i) * (Load(ref gradient, i) - mean) * _scale, ref gradient, i);
    }
}

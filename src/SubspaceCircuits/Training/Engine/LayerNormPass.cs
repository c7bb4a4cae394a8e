using System.Runtime.Intrinsics;
using SubspaceCircuits.Models;
using static SubspaceCircuits.Training.Engine.Lanes;

namespace SubspaceCircuits.Training.Engine;

/// <summary>LayerNorm of rows and its gradient (Ba et al. 2016); the identity where the model has no norms.</summary>
/// <param name="config">Gives the width, ε, and whether there are norms.</param>
internal sealed class LayerNormPass(ModelConfig config)
{
    private readonly int _stride = Pad(config.DModel);
    private float[] _normal = [], _inverseDeviation = [], _out = [];

    /// <summary>Forward; the result stays valid until the next call. [row, d_model padded]</summary>
    public float[] Forward(float[] x, int rows, float[] parameters, Slice scale, Slice shift)
    {
        Ensure(ref _out, rows * _stride);
        if (config.Normalization is Normalization.None)
        {
            x.AsSpan(0, rows * _stride).CopyTo(_out);
            return _out;
        }

        Ensure(ref _normal, rows * _stride);
        Ensure(ref _inverseDeviation, rows);
        ref float w = ref At(parameters, scale.Start), b = ref At(parameters, shift.Start);
        for (var row = 0; row < rows; row++)
        {
            ref float from = ref At(x, row * _stride), normal = ref At(_normal, row * _stride), to = ref At(_out, row * _stride);
            var sum = Vector256<float>.Zero;
            for (var i = 0; i < _stride; i += Width)
                sum += Load(ref from, i);
            var mean = Vector256.Sum(sum) / config.DModel;
            for (var i = 0; i < _stride; i += Width)
                Store(Load(ref from, i) - Vector256.Create(mean), ref normal, i);

            // The rest of the row is zero again, so that it never reaches a sum.
            _normal.AsSpan(row * _stride + config.DModel, _stride - config.DModel).Clear();
            var squares = Vector256<float>.Zero;
            for (var i = 0; i < _stride; i += Width)
                squares = Fma(Load(ref normal, i), Load(ref normal, i), squares);
            var inverse = 1 / MathF.Sqrt(Vector256.Sum(squares) / config.DModel + (float)config.Epsilon);
            _inverseDeviation[row] = inverse;
            for (var i = 0; i < _stride; i += Width)
            {
                var value = Load(ref normal, i) * inverse;
                Store(value, ref normal, i);
                Store(Fma(value, Load(ref w, i), Load(ref b, i)), ref to, i);
            }
        }

        return _out;
    }

    /// <summary><c>dx += w∘dy/σ − (mean(w∘dy) + n̂·mean(w∘dy∘n̂))/σ</c>, and the gradients of scale and shift.</summary>
    /// <param name="dy">Gradient of the result. [row, d_model padded]</param>
    /// <param name="rows">Rows.</param>
    /// <param name="parameters">All parameters.</param>
    /// <param name="scale">Place of the scale.</param>
    /// <param name="shift">Place of the shift.</param>
    /// <param name="gradient">Gradient of all parameters; is added to.</param>
    /// <param name="dx">Gradient of the input; is added to. [row, d_model padded]</param>
    public void Backward(float[] dy, int rows, float[] parameters, Slice scale, Slice shift, float[] gradient, float[] dx)
    {
        if (config.Normalization is Normalization.None)
        {
            Add(ref At(dy), ref At(dx), rows * _stride);
            return;
        }

        ref float w = ref At(parameters, scale.Start), dw = ref At(gradient, scale.Start), db = ref At(gradient, shift.Start);
        for (var row = 0; row < rows; row++)
        {
            ref float from = ref At(dy, row * _stride), normal = ref At(_normal, row * _stride), to = ref At(dx, row * _stride);
            Vector256<float> sum = default, products = default;
            for (var i = 0; i < _stride; i += Width)
            {
                Vector256<float> g = Load(ref from, i), n = Load(ref normal, i), scaled = g * Load(ref w, i);
                Store(Fma(g, n, Load(ref dw, i)), ref dw, i);
                Store(Load(ref db, i) + g, ref db, i);
                sum += scaled;
                products = Fma(scaled, n, products);
            }

            Vector256<float> mean = Vector256.Create(Vector256.Sum(sum) / config.DModel), slope = Vector256.Create(Vector256.Sum(products) / config.DModel);
            var inverse = _inverseDeviation[row];
            for (var i = 0; i < _stride; i += Width)
            {
                var value = Load(ref from, i) * Load(ref w, i) - mean - slope * Load(ref normal, i);
                Store(Fma(value, Vector256.Create(inverse), Load(ref to, i)), ref to, i);
            }

            dx.AsSpan(row * _stride + config.DModel, _stride - config.DModel).Clear();
        }
    }
}

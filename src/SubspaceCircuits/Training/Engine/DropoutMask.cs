using System.Runtime.Intrinsics;
using static SubspaceCircuits.Training.Engine.Lanes;

namespace SubspaceCircuits.Training.Engine;

/// <summary>
/// Inverted dropout (Srivastava et al. 2014) whose mask is a hash of seed and index: forward and backward apply the same one, and nothing
/// need be stored for either, or for going on after a stop.
/// </summary>
internal readonly struct DropoutMask
{
    private static readonly Vector256<uint> Indices = Vector256.Create(0u, 1, 2, 3, 4, 5, 6, 7);
    private readonly uint _threshold, _seed;
    private readonly float _scale;

    /// <param name="rate">Share of elements that become zero, at least 0 and below 1.</param>
    /// <param name="seed">Seed of this mask.</param>
    public DropoutMask(double rate, uint seed) => (_threshold, _seed, _scale) = ((uint)(rate * uint.MaxValue), seed, (float)(1 / (1 - rate)));

    /// <summary>Whether it drops anything.</summary>
    public bool IsActive => _threshold > 0;

    /// <summary>A mask of the same rate for another place in the model.</summary>
    public DropoutMask At(uint place) => new(_threshold, Mix(_seed + place * 0x9E3779B9u), _scale);

    private DropoutMask(uint threshold, uint seed, float scale) => (_threshold, _seed, _scale) = (threshold, seed, scale);

    /// <summary>Multiplies elements with 0 or 1/(1 − rate), in place.</summary>
    /// <param name="values">First element.</param>
    /// <param name="length">A multiple of <see cref="Width"/>.</param>
    /// <param name="first">Index of the first element within the mask.</param>
    public void Apply(ref float values, int length, int first = 0)
    {
        if (_threshold == 0)
            return;
        var scale = Vector256.Create(_scale);
        for (var i = 0; i < length; i += Width)
        {
            var hash = Mix(Vector256.Create(_seed) ^ (Indices + Vector256.Create((uint)(first + i))));
            var isKept = Vector256.GreaterThanOrEqual(hash, Vector256.Create(_threshold)).AsSingle();
            Store(Vector256.ConditionalSelect(isKept, Load(ref values, i) * scale, default), ref values, i);
        }
    }

    // The finaliser of MurmurHash3: every bit of the input reaches every bit of the output.
    private static Vector256<uint> Mix(Vector256<uint> x)
    {
        x = (x ^ (x >>> 16)) * Vector256.Create(0x85EBCA6Bu);
        x = (x ^ (x >>> 13)) * Vector256.Create(0xC2B2AE35u);
        return x ^ (x >>> 16);
    }

    internal static uint Mix(uint x)
    {
        x = (x ^ (x >> 16)) * 0x85EBCA6Bu;
        x = (x ^ (x >> 13)) * 0xC2B2AE35u;
        return x ^ (x >> 16);
    }
}

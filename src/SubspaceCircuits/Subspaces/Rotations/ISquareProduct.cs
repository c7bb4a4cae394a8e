namespace SubspaceCircuits.Subspaces.Rotations;

/// <summary>Products of square matrices of one size. Owns its working space and frees it.</summary>
internal interface ISquareProduct<T> : IDisposable
    where T : unmanaged
{
    /// <summary><c>C = A B</c>; C is neither A nor B. [d, d] each, row by row.</summary>
    void Multiply(T[] a, T[] b, T[] c);
}

namespace SubspaceCircuits.KnownCircuits.Rasp;

/// <summary>A program that means nothing, or that means nothing on this input. One line.</summary>
public sealed class RaspException(string message) : Exception(message);

namespace SubspaceCircuits.Tasks.Published;

/// <summary>The framing of the published tasks: a question, <c>sep</c>, an answer.</summary>
internal static class Questions
{
    /// <summary>The longest question that the published evaluations ask.</summary>
    public const int Longest = 150;

    /// <summary><c>bos question sep answer eos</c>, predicted from the answer on.</summary>
    public static TaskSample Answered(Vocabulary vocabulary, int[] question, int[] answer, int maxOffset) =>
        Framed([vocabulary.Bos, .. question, vocabulary["<sep>"], .. answer, vocabulary["<eos>"]], question.Length, maxOffset);

    /// <summary><c>bos question sep answer</c>, predicted from the answer on: where the answer's length is known it needs no end.</summary>
    public static TaskSample AnsweredWithoutEnd(Vocabulary vocabulary, int[] question, int answer, int maxOffset) =>
        Framed([vocabulary.Bos, .. question, vocabulary["<sep>"], answer], question.Length, maxOffset);

    private static TaskSample Framed(int[] tokens, int question, int maxOffset) =>
        TaskSample.PredictFrom(tokens, question + 2) with { MaxOffset = maxOffset };
}

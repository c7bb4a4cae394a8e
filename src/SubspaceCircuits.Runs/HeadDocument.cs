using System.Text.Json;
using System.Text.Json.Serialization;
using SubspaceCircuits.Attention;

namespace SubspaceCircuits.Runs;

/// <summary>
/// A head's scores in <c>attention.json</c>; every score is a field of its own: <c>{head, layer, previous_token, …, shuffled: {previous_token, …}, uniform: {…}}</c>.
/// </summary>
/// <param name="Head">Name, <c>a0.1</c>.</param>
/// <param name="Layer">Its layer.</param>
/// <param name="Scores">Scores by name, <see cref="HeadScore.All"/>.</param>
/// <param name="Shuffled">The same scores on shuffled sequences.</param>
/// <param name="Uniform">The same scores of uniform attention.</param>
[JsonConverter(typeof(FlatConverter))]
public sealed record HeadDocument(string Head, int Layer, IReadOnlyDictionary<string, double> Scores, IReadOnlyDictionary<string, double> Shuffled, IReadOnlyDictionary<string, double> Uniform)
{
    /// <summary>A score is one entry of a table in the library, not a property here too; so the fields are written by hand.</summary>
    private sealed class FlatConverter : JsonConverter<HeadDocument>
    {
        public override HeadDocument Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var fields = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(ref reader, options) ?? throw new JsonException("expected a head's scores, but found null");
            T Take<T>(string name) => fields.Remove(name, out var value) && value.Deserialize<T>(options) is { } found ? found
                : throw new JsonException($"expected the field '{name}' of a head");
            IReadOnlyDictionary<string, double> Scores(string name) => Checked(Take<Dictionary<string, double>>(name));
            return new HeadDocument(Take<string>("head"), Take<int>("layer"), Shuffled: Scores("shuffled"), Uniform: Scores("uniform"),
                Scores: Checked(fields.ToDictionary(field => field.Key, field => field.Value.Deserialize<double>(options))));
        }

        public override void Write(Utf8JsonWriter writer, HeadDocument value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WriteString("head", value.Head);
            writer.WriteNumber("layer", value.Layer);
            foreach (var (name, score) in value.Scores)
            {
                writer.WritePropertyName(name);
                JsonSerializer.Serialize(writer, score, options);
            }

            foreach (var (name, scores) in new[] { ("shuffled", value.Shuffled), ("uniform", value.Uniform) })
            {
                writer.WritePropertyName(name);
                JsonSerializer.Serialize(writer, scores, options);
            }

            writer.WriteEndObject();
        }

        private static Dictionary<string, double> Checked(Dictionary<string, double> scores)
        {
            string[] known = [.. HeadScore.All.Select(score => score.Name)];
            return scores.Keys.ToHashSet().SetEquals(known) ? scores
                : throw new JsonException($"expected the scores {string.Join(", ", known)}, but found {string.Join(", ", scores.Keys)}");
        }
    }
}

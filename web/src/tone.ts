/** How strongly a heat-map cell is coloured, for text on it to stay readable: light and dark themes turn at different tones. */
export function tone(strength: number): "weak" | "middle" | "strong" {
  return strength > 0.75 ? "strong" : strength > 0.58 ? "middle" : "weak";
}

/**
 * The pattern of one head: the lower triangle row by row, (0,0) (1,0) (1,1) (2,0) ..., as 16-bit numbers round(65535·attention),
 * least byte first, in base64.
 */
export class Triangle {
  private constructor(readonly size: number, private readonly values: Uint16Array) {}

  static decode(data: string, size: number): Triangle {
    const bytes = atob(data);
    const expected = size * (size + 1);
    if (bytes.length !== expected) throw new Error(`A pattern of ${size} tokens has ${expected} bytes, but ${bytes.length} came.`);
    const values = new Uint16Array(expected / 2);
    for (let i = 0; i < values.length; i++) values[i] = bytes.charCodeAt(2 * i) | (bytes.charCodeAt(2 * i + 1) << 8);
    return new Triangle(size, values);
  }

  /** Attention from a query to a key, 0 to 1; 0 for keys after the query and outside the sequence. */
  at(query: number, key: number): number {
    return key < 0 || key > query || query >= this.size ? 0 : this.values[(query * (query + 1)) / 2 + key]! / 65535;
  }
}

/** SwiGLU's product and its gradients by loops in float64: what the fused operation is held to. */

/** `gate`, `up` and `dy` of one length → y = silu(gate) ⊙ up, and the gradients by gate and up. */
export function plainSwiglu(
  gate: Float64Array,
  up: Float64Array,
  dy: Float64Array,
): { readonly y: Float64Array; readonly dGate: Float64Array; readonly dUp: Float64Array } {
  const sigmoid = gate.map((z) => 1 / (1 + Math.exp(-z)));
  const silu = gate.map((z, i) => z * sigmoid[i]!);
  return {
    y: silu.map((value, i) => value * up[i]!),
    dGate: gate.map((z, i) => dy[i]! * up[i]! * sigmoid[i]! * (1 + z * (1 - sigmoid[i]!))),
    dUp: silu.map((value, i) => value * dy[i]!),
  };
}

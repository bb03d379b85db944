/** Progress and remarks: to stderr, for stdout belongs to the result. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

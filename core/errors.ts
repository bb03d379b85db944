/**
 * The one error that crosses between rooms and workers. `code` is stable and machine-readable; `message` is a
 * sentence that a person can act on; `retryable` says whether the same call may succeed later (a network fault) or
 * never will (a malformed file).
 */
export type ErrorCode =
  | 'bad-file' // not the format it claims to be, or breaks its rules
  | 'unsupported' // well-formed, but not something this studio can compute with
  | 'mismatch' // the three models do not fit together
  | 'missing' // a file or tensor that should be there is not
  | 'network' // fetching failed
  | 'changed' // a file became another one while it was being read
  | 'memory' // does not fit
  | 'device' // the compute device failed or computes wrongly
  | 'cancelled' // the person stopped it
  | 'busy' // another job holds what this one needs
  | 'bad-request' // an argument out of range
  | 'internal'; // our fault

export interface ErrorDetails {
  readonly file?: string;
  readonly tensor?: string;
  readonly value?: string | number;
  readonly [key: string]: string | number | undefined;
}

export class StudioError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly details: ErrorDetails;

  constructor(
    code: ErrorCode,
    message: string,
    options: { retryable?: boolean; details?: ErrorDetails; cause?: unknown } = {},
  ) {
    super(shortened(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'StudioError';
    this.code = code;
    this.retryable = options.retryable ?? false;
    this.details = shortDetails(options.details ?? {});
  }
}

/** Names, tokens and values in it come from foreign files: one of 20 MB would hold the page up for many seconds. */
const mostCharacters = 4000;

function shortened(text: string): string {
  if (text.length <= mostCharacters) return text;
  const [head, tail] = [text.slice(0, 0.7 * mostCharacters), text.slice(-0.2 * mostCharacters)];
  return `${head}… (${text.length - head.length - tail.length} more characters) …${tail}`;
}

const shortDetails = (details: ErrorDetails): ErrorDetails =>
  Object.fromEntries(
    Object.entries(details).map(([key, value]) => [
      key,
      typeof value === 'string' ? shortened(value) : value,
    ]),
  );

/** Whatever was thrown, as a StudioError: unknown errors keep their message and become `internal`. */
export function toStudioError(thrown: unknown): StudioError {
  if (thrown instanceof StudioError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new StudioError('internal', message, { cause: thrown });
}

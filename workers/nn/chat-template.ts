/**
 * A checkpoint's chat template, rendered within bounds: it is a program that anyone may have written, and it
 * runs where nothing could stop it. Its length, its steps, the lists that it asks for and the texts that it
 * makes are bounded. A template beyond these bounds fails like one that has a fault. Real templates take some
 * thousand steps and write some thousand characters.
 *
 * A step is the evaluation of one node of the template. The value of a node is about to be read by whatever
 * asked for it, so each item of a list or member of an object counts as one more step, and so do each 1,024
 * characters of a text.
 */
import { Environment, Interpreter, Template } from '@huggingface/jinja';

export const maxTemplate = 2 ** 17;
/**
 * The library looks for the end of white space from each of its characters, so a run of n of them costs n²/2
 * looks.
 */
export const maxSpace = 1000;
export const maxSteps = 100_000;
const charactersPerStep = 1024;
const maxRange = 10_000;
const maxText = 2 ** 22;

type Evaluate = Interpreter['evaluate'];

/** What a rendering has done so far. */
export interface TemplateWork {
  steps: number;
}

class BoundedInterpreter extends Interpreter {
  readonly #work: TemplateWork;

  constructor(environment: Environment, work: TemplateWork) {
    super(environment);
    this.#work = work;
  }

  /** Everything that the interpreter does begins here, so this is where it is counted and stopped. */
  override evaluate(...given: Parameters<Evaluate>): ReturnType<Evaluate> {
    this.#take(1);
    const result = super.evaluate(...given);
    const value: unknown = result.value;
    if (Array.isArray(value)) this.#take(value.length);
    if (value instanceof Map) this.#take(value.size);
    if (typeof value === 'string') {
      // Asking for the length does not write the text out.
      if (value.length > maxText) throw new Error(`it makes a text of more than ${maxText} characters`);
      this.#take(Math.floor(value.length / charactersPerStep));
    }
    return result;
  }

  #take(steps: number): void {
    this.#work.steps += steps;
    if (this.#work.steps > maxSteps) throw new Error(`it takes more than ${maxSteps} steps`);
  }
}

export class ChatTemplate {
  readonly #template: Template;

  /** Throws Error when it cannot be parsed. */
  constructor(text: string) {
    if (text.length > maxTemplate)
      throw new Error(`it is ${text.length} characters long, more than any template`);
    if (longestSpace(text) > maxSpace)
      throw new Error(`it has more than ${maxSpace} characters of white space in a row`);
    this.#template = new Template(text);
  }

  /**
   * Throws Error when it fails, on these values or at all.
   * @param work counts what the rendering does, also where it fails
   */
  render(values: Readonly<Record<string, unknown>>, work: TemplateWork = { steps: 0 }): string {
    const environment = new Environment();
    for (const [name, value] of Object.entries({ ...globals, ...values })) environment.set(name, value);
    return String(new BoundedInterpreter(environment, work).run(this.#template.parsed).value);
  }
}

/** As the library's own `render` sets them. */
const globals: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  raise_exception: (message: unknown) => {
    throw new Error(String(message));
  },
  range: boundedRange,
  strftime_now: (format: unknown) =>
    new Template('{{ strftime_now(format) }}').render({ format: String(format).slice(0, 100) }),
};

function longestSpace(text: string): number {
  let [longest, run] = [0, 0];
  for (const character of text) {
    run = /\s/.test(character) ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

function boundedRange(first: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined ? [0, first] : [first, stop];
  if (step === 0) throw new Error('range() step must not be zero');
  const count = Math.max(0, Math.ceil((to - from) / step));
  if (!(count <= maxRange)) throw new Error(`it asks for a range of ${count} numbers`);
  return Array.from({ length: count }, (_, i) => from + i * step);
}

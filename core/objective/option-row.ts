/**
 * What is said about one option of a run, once, in the table of `options.ts`. Readers, checks, fields, help
 * texts, model cards and the documentation derive from these rows.
 */

/** What an option holds: a number, null where a row says what 0 stands for, or the id of a choice. */
export type OptionValue = number | string | null;

/** Both ends included. */
export type Range = readonly [low: number, high: number];

interface DescribedOption<Value extends OptionValue> {
  /** The short name in a field, a recipe's summary and a model card: a symbol where the method has one. */
  readonly symbol: string;
  /** The spoken name, for screen readers and tables. */
  readonly name: string;
  /** The name after `--set` on the command line, in kebab-case. */
  readonly flag: string;
  /** One whole sentence on what the option does. */
  readonly about: string;
  /**
   * Who has the option: the paper, whose own value is known for none of them; any training; or this project,
   * as an extension.
   */
  readonly origin: 'paper' | 'training' | 'extension';
  /** The value that a run begins with where neither a manifest, a recipe nor a person says another one. */
  readonly initial: Value;
  /** The value at which a run is FRISM as published. Summaries leave an option out where it has this value. */
  readonly published?: Value;
  /** Whether the option may be changed while a run goes on. */
  readonly mayChangeDuringRun: boolean;
  /** The key in the `run` of a manifest, where it is not the option's own. */
  readonly manifestKey?: string;
  /**
   * Files that may lack the option, which then means `initial`. A recipe leaves the option out at `initial` if
   * it is named here, so that recipes without the option are written as they were before there was one. An
   * option that is added later must name both, and its `initial` must never change.
   */
  readonly mayBeAbsentFrom?: readonly ('manifest' | 'recipe')[];
}

export interface NumberOption extends DescribedOption<number | null> {
  readonly kind: 'number';
  /** What is counted, for tables; the page's fields are too narrow for it. */
  readonly unit?: string;
  readonly whole?: boolean;
  /** What is accepted, by whoever reads the option: a manifest, a recipe, the command line, the engine. */
  readonly range: Range;
  /** What the page's fields offer, and the step of their arrow keys. */
  readonly comfortable: Range;
  readonly step: number;
  /** What a summary says in place of symbol and value, with `{}` for the value. */
  readonly phrase?: string;
  /** What null means; the page's field and the command line write null as 0, which is outside of `range`. */
  readonly zeroMeans?: string;
}

export interface ChoiceOption extends DescribedOption<string> {
  readonly kind: 'choice';
  /** By id, in the order in which they are offered. */
  readonly choices: Readonly<Record<string, Choice>>;
}

export interface Choice {
  readonly label: string;
  /** Stands in a summary in place of the option's value: "compared by the Jensen-Shannon divergence". */
  readonly phrase: string;
}

export type OptionRow = NumberOption | ChoiceOption;

/** The type of the values that a row allows. */
export type ValueOf<Row> = Row extends { readonly kind: 'choice'; readonly choices: infer Choices }
  ? keyof Choices & string
  : Row extends { readonly zeroMeans: string }
    ? number | null
    : number;

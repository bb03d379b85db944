/** The machine that goes through a text by a program's instructions, and counts each of its steps. */
import { spend } from '../work.ts';
import type { Program } from './compile.ts';
import { CodePointSet } from './code-point-set.ts';

/** Steps are counted so many at a time, before they are done. */
const stride = 256;
/** Numbers on the stack: 80 MB. */
const maxStack = 10_000_000;
const word = CodePointSet.of('\\w');

export class Attempt {
  readonly #program: Program;
  readonly #text: string;
  readonly #registers: Int32Array;
  /** Ways that are still to be tried: instruction and place. Of a register to be restored: -1 - register and value. */
  readonly #stack: number[] = [];
  /** Steps that are counted and not yet done. */
  paid: number;

  constructor(program: Program, text: string, paid: number) {
    this.paid = paid;
    this.#program = program;
    this.#text = text;
    this.#registers = new Int32Array(program.registers);
  }

  /** Where the first way that fits from `at` ends; -1 where none does. */
  end(at: number): number {
    return this.#run(0, at);
  }

  #run(from: number, begin: number): number {
    const { code } = this.#program;
    const [text, stack, registers] = [this.#text, this.#stack, this.#registers];
    const base = stack.length;
    let pc = from;
    let at = begin;
    for (;;) {
      if (this.paid === 0) {
        spend(stride);
        this.paid = stride;
      }
      this.paid--;
      const instruction = code[pc] as Program['code'][number];
      let fails = false;
      switch (instruction.kind) {
        case 'one': {
          const point = instruction.back ? pointBefore(text, at) : text.codePointAt(at);
          const { of } = instruction;
          fails = point === undefined || (typeof of === 'number' ? of !== point : !of.has(point));
          if (!fails) at += (instruction.back ? -1 : 1) * ((point as number) > 0xffff ? 2 : 1);
          pc++;
          break;
        }
        case 'split':
          if (stack.length > maxStack) throw new Error('it keeps too many ways open');
          stack.push(instruction.second, at);
          pc = instruction.first;
          break;
        case 'jump':
          pc = instruction.to;
          break;
        case 'enter':
          stack.push(-1 - instruction.register, registers[instruction.register] as number);
          registers[instruction.register] = at;
          pc++;
          break;
        case 'leave':
          fails = registers[instruction.register] === at;
          pc++;
          break;
        case 'look': {
          const found = this.#run(pc + 1, at) !== -1;
          fails = found === instruction.negate;
          pc = instruction.next;
          break;
        }
        case 'start':
          fails = at !== 0;
          pc++;
          break;
        case 'end':
          fails = at !== text.length;
          pc++;
          break;
        case 'word':
          fails = (isWord(pointBefore(text, at)) !== isWord(text.codePointAt(at))) === instruction.negate;
          pc++;
          break;
        case 'match':
          stack.length = base;
          return at;
        default:
          instruction satisfies never;
      }
      if (!fails) continue;
      let next = -1;
      while (next < 0) {
        if (stack.length === base) return -1;
        at = stack.pop() as number;
        next = stack.pop() as number;
        if (next < 0) registers[-1 - next] = at;
      }
      pc = next;
    }
  }
}

function pointBefore(text: string, at: number): number | undefined {
  if (at === 0) return undefined;
  const pair = at > 1 ? (text.codePointAt(at - 2) as number) : 0;
  return pair > 0xffff ? pair : text.charCodeAt(at - 1);
}

const isWord = (point: number | undefined): boolean => point !== undefined && word.has(point);

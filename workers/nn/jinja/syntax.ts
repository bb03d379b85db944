/** What a chat template is made of, after Jinja's own grammar. */

export type Expression =
  | { readonly kind: 'constant'; readonly value: null | boolean | number | string }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list' | 'tuple'; readonly items: readonly Expression[] }
  | { readonly kind: 'dict'; readonly pairs: readonly (readonly [Expression, Expression])[] }
  | { readonly kind: 'attribute'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'item'; readonly of: Expression; readonly index: Expression }
  | { readonly kind: 'slice'; readonly of: Expression; readonly bounds: readonly (Expression | null)[] }
  | { readonly kind: 'call'; readonly callee: Expression; readonly given: Given }
  | { readonly kind: 'filter'; readonly of: Expression; readonly name: string; readonly given: Given }
  | {
      readonly kind: 'test';
      readonly of: Expression;
      readonly name: string;
      readonly given: Given;
      readonly negated: boolean;
    }
  | { readonly kind: 'unary'; readonly operator: 'not' | '-' | '+'; readonly of: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'concat'; readonly parts: readonly Expression[] }
  | {
      readonly kind: 'compare';
      readonly first: Expression;
      readonly rest: readonly { readonly operator: Comparison; readonly right: Expression }[];
    }
  | {
      readonly kind: 'either';
      readonly test: Expression;
      readonly then: Expression;
      readonly otherwise: Expression | null;
    };

export type BinaryOperator = 'and' | 'or' | '+' | '-' | '*' | '/' | '//' | '%' | '**';
export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | 'not in';

/** Arguments of a call, a filter or a test. */
export interface Given {
  readonly positional: readonly Expression[];
  readonly named: readonly (readonly [string, Expression])[];
  readonly spread: Expression | null;
  readonly spreadNamed: Expression | null;
}

/** What a loop or `set` writes to. */
export type Place =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'names'; readonly places: readonly Place[] }
  | { readonly kind: 'member'; readonly of: string; readonly name: string };

export interface Parameter {
  readonly name: string;
  readonly otherwise: Expression | null;
}

export interface FilterUse {
  readonly name: string;
  readonly given: Given;
}

export type Statement =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'print'; readonly value: Expression }
  | {
      readonly kind: 'if';
      readonly test: Expression;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | {
      readonly kind: 'for';
      readonly place: Place;
      readonly over: Expression;
      readonly test: Expression | null;
      readonly body: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | { readonly kind: 'set'; readonly place: Place; readonly value: Expression }
  | {
      readonly kind: 'set-block';
      readonly place: Place;
      readonly filters: readonly FilterUse[];
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: 'with';
      readonly places: readonly Place[];
      readonly values: readonly Expression[];
      readonly body: readonly Statement[];
    }
  | { readonly kind: 'macro'; readonly name: string; readonly macro: MacroSyntax }
  | { readonly kind: 'call-block'; readonly call: Expression; readonly macro: MacroSyntax }
  | {
      readonly kind: 'filter-block';
      readonly filters: readonly FilterUse[];
      readonly body: readonly Statement[];
    }
  | { readonly kind: 'generation'; readonly body: readonly Statement[] }
  | { readonly kind: 'break' | 'continue' };

export interface MacroSyntax {
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
}

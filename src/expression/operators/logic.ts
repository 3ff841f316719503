import { expressionTypes } from '../json.ts';
import type { ExpressionType } from '../json.ts';
import { infix, operator, strict1 } from './operator.ts';
import type { Closure, Compile, Operator, Overload } from './operator.ts';

/** Three-valued: `decisive` on either side decides, else a NULL on either side gives NULL. */
function kleene(decisive: boolean): Compile {
  return (args) => {
    const [a, b] = [args[0]!, args[1]!];
    return (row) => {
      const x = a(row);
      if (x === decisive) return decisive;
      const y = b(row);
      if (y === decisive) return decisive;
      return x === null || y === null ? null : !decisive;
    };
  };
}

function nullTest(name: string, sql: string, wanted: boolean): Operator {
  return operator(
    name,
    expressionTypes.map((type) => ({
      takes: [type],
      gives: 'boolean',
      sql: ([x]) => `(${x} ${sql})`,
      compile: (args) => {
        const a = args[0]!;
        return (row) => (a(row) === null) === wanted;
      },
    })),
  );
}

const compileCoalesce: Compile = (args) => (row) => {
  for (const arg of args) {
    const value = arg(row);
    if (value !== null) return value;
  }
  return null;
};

/** condition, value, condition, value, ..., otherwise. A NULL condition is not met. */
const compileCase: Compile = (args) => {
  const branches: (readonly [Closure, Closure])[] = [];
  for (let i = 0; i + 1 < args.length; i += 2) branches.push([args[i]!, args[i + 1]!]);
  const otherwise = args[args.length - 1]!;
  return (row) => {
    for (const [condition, value] of branches) if (condition(row) === true) return value(row);
    return otherwise(row);
  };
};

function caseSql(args: readonly string[]): string {
  const branches: string[] = [];
  for (let i = 0; i + 1 < args.length; i += 2) branches.push(`WHEN ${args[i]} THEN ${args[i + 1]}`);
  return `(CASE ${branches.join(' ')} ELSE ${args[args.length - 1]} END)`;
}

function resolveCase(types: readonly ExpressionType[]): Overload | undefined {
  const gives = types.at(-1);
  const last = types.length - 1;
  const fits = (type: ExpressionType, i: number) => type === (i % 2 === 0 && i < last ? 'boolean' : gives);
  if (gives === undefined || types.length < 3 || types.length % 2 === 0 || !types.every(fits))
    return undefined;
  return { takes: types, gives, sql: caseSql, compile: compileCase };
}

/** Logic and NULL: three-valued, as in SQL. */
export const logic: readonly Operator[] = [
  operator('and', [
    { takes: ['boolean', 'boolean'], gives: 'boolean', sql: infix('AND'), compile: kleene(false) },
  ]),
  operator('or', [
    { takes: ['boolean', 'boolean'], gives: 'boolean', sql: infix('OR'), compile: kleene(true) },
  ]),
  operator('not', [
    {
      takes: ['boolean'],
      gives: 'boolean',
      sql: ([x]) => `(NOT ${x})`,
      compile: strict1((x: boolean) => !x),
    },
  ]),
  nullTest('isNull', 'IS NULL', true),
  nullTest('isNotNull', 'IS NOT NULL', false),
  operator(
    'coalesce',
    expressionTypes.map((type) => ({
      takes: [type, type],
      rest: type,
      gives: type,
      sql: (args) => `coalesce(${args.join(', ')})`,
      compile: compileCoalesce,
    })),
  ),
  {
    name: 'case',
    tier: 'exact',
    receivers: ['boolean'],
    forms: ['(boolean, T, ..., T) with one type T for every value'],
    resolve: resolveCase,
    refuse: () => undefined,
  },
];

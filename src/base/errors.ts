import { errorTable } from './error-table.ts';

/** The closed list of what can go wrong; HTTP status, exit code and whether to retry follow from it. */
export type ErrorKind =
  | 'input'
  | 'missing'
  | 'conflict'
  | 'state'
  | 'limit'
  | 'timeout'
  | 'unavailable'
  | 'corrupt'
  | 'unsupported'
  | 'bug';

/** Every error code of Sluice. */
export type ErrorCode = keyof typeof errorTable;

const table: Readonly<Record<ErrorCode, readonly [kind: ErrorKind, message: string, remedy: string]>> =
  errorTable;

type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;
type Texts<Code extends ErrorCode> = (typeof errorTable)[Code][1] | (typeof errorTable)[Code][2];

/** What a code's message needs: one value for each `{placeholder}` of its template and remedy. */
export type ErrorDetails<Code extends ErrorCode> = {
  readonly [Name in Placeholders<Texts<Code>>]: string | number;
};

interface KindFacts {
  readonly retryable: boolean;
  readonly httpStatus: number;
  readonly exitCode: number;
}

/** What follows from each kind. Exit code 7 is a missing ledger object; an absent source file is of kind `input`. */
export const kindFacts: Readonly<Record<ErrorKind, KindFacts>> = {
  input: { retryable: false, httpStatus: 400, exitCode: 2 },
  missing: { retryable: false, httpStatus: 404, exitCode: 7 },
  conflict: { retryable: true, httpStatus: 409, exitCode: 6 },
  state: { retryable: false, httpStatus: 409, exitCode: 6 },
  limit: { retryable: false, httpStatus: 413, exitCode: 2 },
  timeout: { retryable: true, httpStatus: 504, exitCode: 5 },
  unavailable: { retryable: true, httpStatus: 503, exitCode: 5 },
  corrupt: { retryable: false, httpStatus: 500, exitCode: 8 },
  unsupported: { retryable: false, httpStatus: 501, exitCode: 2 },
  bug: { retryable: false, httpStatus: 500, exitCode: 1 },
};

const marker = Symbol.for('sluice.error');

/** The one error class: a code from the table, flat details, and texts that say what happened and how to mend it. */
export class SluiceError<Code extends ErrorCode = ErrorCode> extends Error {
  override readonly name: string = 'SluiceError';
  readonly code: Code;
  readonly kind: ErrorKind;
  readonly details: ErrorDetails<Code>;
  readonly remedy: string;

  constructor(code: Code, details: ErrorDetails<Code>, options?: { cause?: unknown }) {
    const [kind, template, remedy] = table[code];
    super(fill(template, details), options);
    Object.defineProperty(this, marker, { value: true });
    this.code = code;
    this.kind = kind;
    this.details = details;
    this.remedy = fill(remedy, details);
  }

  get retryable(): boolean {
    return kindFacts[this.kind].retryable;
  }

  get exitCode(): number {
    return kindFacts[this.kind].exitCode;
  }
}

/** True for a SluiceError of any copy of the package, and of the given code when one is named. */
export function isSluiceError(error: unknown, code?: ErrorCode): error is SluiceError {
  if (!(error instanceof Error) || Reflect.get(error, marker) !== true) return false;
  return code === undefined || Reflect.get(error, 'code') === code;
}

/** Longest value shown inside a message; a 100 MB line must not become a 100 MB message. */
const shownLength = 300;

/** The last lines of somebody else's program are worth more room. */
const shownOutputLength = 4000;

function fill(template: string, details: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const limit = name === 'output' ? shownOutputLength : shownLength;
    return shown(String(details[name] ?? `{${name}}`), limit);
  });
}

/** Values come from files and programs: what would move a terminal's cursor or colour it is written out. */
function shown(text: string, limit: number): string {
  const isLong = text.length > limit;
  const kept = isLong ? text.slice(0, limit).toWellFormed() : text;
  const visible = kept.replace(controls, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return isLong ? `${visible}… (${text.length} characters)` : visible;
}

/** C0 and C1 but for the tab and the line feed. */
// oxlint-disable-next-line no-control-regex -- these are the signs to be written out
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

import type { Json } from '../../base/canonical-json.ts';
import { isSluiceError, SluiceError } from '../../base/errors.ts';
import type { ColumnTypes, Expression, ExpressionType } from '../../expression/expression.ts';
import { parseExpression } from '../../expression/parse.ts';

/** An expression of the definition, with words for messages: `feature late_rate`. */
export interface OwnedJson {
  readonly owner: string;
  readonly json: Json;
}

/**
 * Yields the parsed expression of a part of the definition; what is wrong with it is told under that part's name.
 *
 * @throws FEATURIZE_UNKNOWN_COLUMN with the nearest name; FEATURIZE_EXPRESSION for anything else that is malformed
 */
export function parseOwned({ owner, json }: OwnedJson, columns: ColumnTypes): Expression {
  try {
    return parseExpression(json, columns);
  } catch (error) {
    if (isSluiceError(error, 'EXPRESSION_UNKNOWN_COLUMN')) {
      const { name, nearest } = error.details as Readonly<Record<string, string>>;
      throw new SluiceError(
        'FEATURIZE_UNKNOWN_COLUMN',
        { owner, column: name ?? '', nearest: nearest ?? '' },
        { cause: error },
      );
    }
    if (!isSluiceError(error)) throw error;
    throw new SluiceError('FEATURIZE_EXPRESSION', { owner, reason: error.message }, { cause: error });
  }
}

/** Refuses an expression whose type its place does not take. @throws FEATURIZE_TYPE */
export function requireType(owner: string, type: ExpressionType, allowed: readonly ExpressionType[]): void {
  if (!allowed.includes(type))
    throw new SluiceError('FEATURIZE_TYPE', { owner, type, allowed: allowed.join(', ') });
}

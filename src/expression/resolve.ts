/** Which type rule of an operator applies. */
import { SluiceError } from '../base/errors.ts';
import { isColumnJson, isLiteralJson } from './json.ts';
import type { ApplyJson, ExpressionJson, ExpressionType } from './json.ts';
import type { Operator, Overload } from './operators/operator.ts';
import { operators } from './operators/operators.ts';

/** Yields the operator of a name. @throws EXPRESSION_JSON for an unknown one */
export function operatorOf(name: string, path: string): Operator {
  const found = operators.get(name);
  if (found !== undefined) return found;
  const reason = `no operator is named ${name}`;
  throw new SluiceError('EXPRESSION_JSON', { path: `${path}.op`, reason });
}

/** Yields the rule for argument types. @throws EXPRESSION_TYPE when there is none */
export function overloadOf(operator: Operator, types: readonly ExpressionType[], path?: string): Overload {
  const overload = operator.resolve(types);
  if (overload !== undefined) return overload;
  throw new SluiceError('EXPRESSION_TYPE', {
    operator: path === undefined ? operator.name : `${operator.name} (at ${path})`,
    got: `(${types.join(', ')})`,
    allowed: operator.forms.join(' or '),
  });
}

/** Refuses constant parameters that the operator cannot use. @throws EXPRESSION_REGEX, EXPRESSION_JSON */
export function checkParams(operator: Operator, json: ApplyJson, path: string): void {
  const reason = operator.refuse(json);
  if (reason === undefined) return;
  if (operator.name === 'matches' && typeof json.pattern === 'string') {
    throw new SluiceError('EXPRESSION_REGEX', { pattern: json.pattern, reason });
  }
  throw new SluiceError('EXPRESSION_JSON', { path, reason: `${operator.name}: ${reason}` });
}

/** Yields the type of an expression that was checked when it was made. */
export function typeOf(json: ExpressionJson): ExpressionType {
  if (isColumnJson(json) || isLiteralJson(json)) return json.type;
  return overloadOf(operatorOf(json.op, '$'), json.args.map(typeOf)).gives;
}

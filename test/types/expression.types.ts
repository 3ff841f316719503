/** What the compiler must refuse and infer in expressions; checked by `tsc -p tsconfig.tests.json`, never run. */
import { caseWhen, columns, literal } from '../../src/expression/expression.ts';
import type { Expression } from '../../src/expression/expression.ts';

const c = columns({
  delay: 'int64',
  miles: 'double',
  origin: 'string',
  late: 'boolean',
  at: 'timestamp',
  wall: 'local',
});

declare const is: <T extends Expression>(expression: T) => T;

is<Expression<'string'>>(c.origin);
is<Expression<'int64'>>(c.delay.plus(1));
is<Expression<'double'>>(c.delay.plus(c.miles));
is<Expression<'double'>>(c.delay.dividedBy(60));
is<Expression<'boolean'>>(c.delay.gte(15.5).and(c.origin.isIn(['JFK'])));
is<Expression<'boolean'>>(c.at.lt(new Date(0)).or(c.late));
is<Expression<'timestamp'>>(c.wall.inZone('America/New_York').plusSeconds(c.delay));
is<Expression<'local'>>(c.at.toLocal(c.origin).startOfHour());
is<Expression<'int64'>>(c.origin.length().coalesce(0));
is<Expression<'string'>>(caseWhen([[c.late, 'late']], literal('on time')));
is<Expression<'int64'>>(c.late.ifElse(c.delay, 0));
is<Expression>(c.wall.hour());

// @ts-expect-error a misspelt column
void c.orgin;
// @ts-expect-error no arithmetic on strings
void c.origin.plus(1);
// @ts-expect-error no text functions on numbers
void c.delay.lower();
// @ts-expect-error a number is not compared with a string
void c.delay.eq('15');
// @ts-expect-error a string is not compared with a number
void c.origin.eq(15);
// @ts-expect-error logic takes booleans
void c.late.and(c.delay);
// @ts-expect-error a condition must be boolean
void c.delay.ifElse(1, 0);
// @ts-expect-error both values must have one type
void c.late.ifElse(c.origin, c.delay);
// @ts-expect-error only a wall clock is put in a zone
void c.at.inZone('UTC');
// @ts-expect-error only an instant moves by seconds
void c.wall.plusSeconds(1);
// @ts-expect-error seconds are whole
void c.at.plusSeconds(c.miles);
// @ts-expect-error calendar parts are of timestamps
void c.delay.hour();
// @ts-expect-error the list has the type of the value
void c.origin.isIn([1]);
// @ts-expect-error coalesce keeps the type
void c.origin.coalesce(c.delay);
// @ts-expect-error rounding is of doubles
void c.delay.round();
// @ts-expect-error an instant and a wall clock are not compared
void c.at.lt(c.wall);
// @ts-expect-error an expression of another type
is<Expression<'double'>>(c.delay.plus(1));
// @ts-expect-error a NULL needs a type
void literal(null);
// @ts-expect-error no such type
columns({ a: 'float' });
// @ts-expect-error every branch has the type of the last value
void caseWhen([[c.late, c.delay]], literal('on time'));

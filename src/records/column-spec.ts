import { z } from 'zod';

/** Types a column can have. `timestamp` is UTC microseconds; `local` is a wall clock whose zone is known elsewhere. */
export type ColumnSpecType = 'boolean' | 'int64' | 'double' | 'string' | 'timestamp' | 'local';

/** A named, typed column. */
export interface ColumnSpec {
  readonly name: string;
  readonly type: ColumnSpecType;
  readonly nullable: boolean;
}

export const columnTypeSchema: z.ZodType<ColumnSpecType> = z.enum([
  'boolean',
  'int64',
  'double',
  'string',
  'timestamp',
  'local',
]);

export const columnSpecSchema: z.ZodType<ColumnSpec> = z.strictObject({
  name: z.string().min(1),
  type: columnTypeSchema,
  nullable: z.boolean(),
});

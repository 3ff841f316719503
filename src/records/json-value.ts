import { z } from 'zod';
import type { Json } from '../base/canonical-json.ts';

/** Parses any JSON value. */
export const jsonSchema: z.ZodType<Json> = z.json();

/** Parses a JSON object. */
export const jsonObjectSchema: z.ZodType<Readonly<Record<string, Json>>> = z.record(z.string(), z.json());

/** Parses a sha256 in lower-case hex. */
export const digestSchema: z.ZodType<string> = z.string().regex(/^[0-9a-f]{64}$/);

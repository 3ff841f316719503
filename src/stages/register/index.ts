// Published as `sluice/register`: decisions on evidence.
export { decide, type DecideInput } from './decide.ts';

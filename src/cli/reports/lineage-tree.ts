import { shortDigest, type Digest } from '../../base/digest.ts';
import type { Edge, Ledger } from '../../ledger/ledger.ts';
import type { Version, VersionKind } from '../../records/version.ts';
import { count } from '../format.ts';
import { wrap } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { describeVersion, kindNames } from './version-line.ts';

/** Versions that stand in the same place of the tree: one, or very many summed up. */
interface Branch {
  /** As what it served; empty when its kind says so already. */
  readonly role: string;
  readonly kind: VersionKind;
  readonly digests: readonly Digest[];
}

/** The two ways through lineage. */
export type Direction = 'up' | 'down';

/** What of a lineage to tell. */
export interface LineageRequest {
  readonly ledger: Ledger;
  readonly root: Version;
  readonly edges: readonly Edge[];
  readonly direction: Direction;
}

/** More versions than this with the same role are summed up in one line. */
const manyVersions = 4;

/** Yields the tree of what a version was made from (`up`) or of what rests on it (`down`), each version once. */
export async function lineageTree(terminal: Terminal, request: LineageRequest): Promise<string> {
  const { root } = request;
  const title = `${terminal.style('bold', kindNames[root.kind])} ${shortDigest(root.digest)} ${describeVersion(root)}`;
  const seen = new Set<string>([root.digest]);
  const below = await branchLines(terminal, request, { from: [root.digest], seen, prefix: '' });
  return [...wrap(title, terminal.width), ...below].join('\n');
}

interface Place {
  readonly from: readonly Digest[];
  /** Digests told already. */
  readonly seen: Set<string>;
  readonly prefix: string;
}

async function branchLines(
  terminal: Terminal,
  request: LineageRequest,
  place: Place,
): Promise<readonly string[]> {
  const branches = branchesOf(request, place.from);
  const lines: string[] = [];
  for (const [i, branch] of branches.entries()) {
    const isLast = i === branches.length - 1;
    const isKnown = branch.digests.every((digest) => place.seen.has(digest));
    for (const digest of branch.digests) place.seen.add(digest);
    const label = `${await labelOf(terminal, request.ledger, branch)}${isKnown ? terminal.style('dim', ' (told above)') : ''}`;
    const next = `${place.prefix}${isLast ? '   ' : '│  '}`;
    const [first = '', ...rest] = wrap(label, terminal.width - place.prefix.length - 3);
    lines.push(`${place.prefix}${isLast ? '└─ ' : '├─ '}${first}`, ...rest.map((line) => `${next}${line}`));
    if (!isKnown)
      lines.push(
        ...(await branchLines(terminal, request, { from: branch.digests, seen: place.seen, prefix: next })),
      );
  }
  return lines;
}

/** Yields what lies one edge further, by role and kind, in the order of the edges. */
function branchesOf({ edges, direction }: LineageRequest, from: readonly Digest[]): readonly Branch[] {
  const starts = new Set(from);
  const groups = new Map<string, { role: string; kind: VersionKind; digests: Set<Digest> }>();
  for (const edge of edges) {
    const isUp = direction === 'up';
    if (!starts.has(isUp ? edge.child : edge.parent)) continue;
    const kind = isUp ? edge.parentKind : edge.childKind;
    const role = edge.role === edge.parentKind ? '' : edge.role;
    const group = groups.get(`${role} ${kind}`) ?? { role, kind, digests: new Set() };
    group.digests.add(isUp ? edge.parent : edge.child);
    groups.set(`${role} ${kind}`, group);
  }
  return [...groups.values()].flatMap(({ role, kind, digests }): readonly Branch[] => {
    const list = [...digests];
    if (list.length > manyVersions) return [{ role, kind, digests: list }];
    return list.map((digest) => ({ role, kind, digests: [digest] }));
  });
}

async function labelOf(terminal: Terminal, ledger: Ledger, { role, kind, digests }: Branch): Promise<string> {
  const [first = ''] = digests;
  const name = kindNames[kind];
  const one = await ledger.versions.get(first);
  if (digests.length > 1) {
    const last = await ledger.versions.get(digests.at(-1) ?? first);
    const span = one.kind === 'batch' ? `, ${nameOf(one)} … ${nameOf(last)}` : '';
    return `${terminal.style('bold', `${count(digests.length)} ${plural(name)}`)}${span}`;
  }
  const as = role === '' ? '' : ` as ${role}`;
  return `${terminal.style('bold', name)}${as} ${shortDigest(first)} ${describeVersion(one)}`;
}

const nameOf = (version: Version): string => ('name' in version.content ? version.content.name : '');

/** Yields the plural of a kind's name. */
export function plural(name: string): string {
  return name === 'batch' ? 'batches' : `${name}s`;
}

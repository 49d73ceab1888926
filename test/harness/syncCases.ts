import { PairTable } from '../../nodes/QccRadar/read/pairs';
import type { InputProblem } from '../../nodes/QccRadar/read/rows';
import type { SyncedRow } from '../../nodes/QccRadar/sync/answerRows';
import type { LedgerRow } from '../../nodes/QccRadar/read/ledger';
import type { Standing, SyncInput } from '../../nodes/QccRadar/sync/books';
import { runSync, type Synced } from '../../nodes/QccRadar/sync/runSync';
import { seededRandom } from './seededRandom';
import { QccModel, type Meaning, type Trouble, type World } from './qccModel';

interface Pair {
	readonly user: string;
	readonly word: string;
}
interface Entry extends Pair {
	readonly stands: Standing;
	readonly keyNo: string | null;
}

/** One case: a world, what QCC monitors in it, a true ledger of that, and what is desired. */
interface Case {
	readonly qcc: QccModel;
	readonly desired: readonly Pair[];
	readonly ledger: readonly Entry[];
	/** Rows of Desired that cannot be read. */
	readonly unreadable: number;
	readonly random: () => number;
	readonly troubled: boolean;
	/** Nothing is refused: every word is found and every user exists. */
	readonly clean: boolean;
	/** Words that fold alike are one company. */
	readonly foldable: boolean;
}

const PROBLEM: InputProblem = {
	parameter: 'Company',
	what: 'is empty',
	loginName: null,
	company: null,
};

const SPELLINGS = [
	(name: string) => `${name}（上海）有限公司`,
	(name: string) => `${name}(上海)有限公司`,
	(name: string) => `91${name}X`,
	(name: string) => `原${name}`,
];

function chance(random: () => number, of: number): boolean {
	return random() < of;
}

export function makeCase(seed: number): Case {
	const random = seededRandom(seed);
	const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
	const clean = chance(random, 0.5);
	// Only keyNos can tell companies apart whose words fold alike: these must be told.
	const foldable = !clean || chance(random, 0.8);
	const words = new Map<string, Meaning>();
	const companies = 1 + Math.floor(random() * 4);
	for (let i = 0; i < companies; i++) {
		const name = `甲乙丙丁`.charAt(i);
		SPELLINGS.slice(0, 1 + Math.floor(random() * 4)).forEach((spell, s) => {
			words.set(spell(name), {
				keyNo: s === 1 && !foldable ? `K${i}b` : `K${i}`,
				missing: !clean && chance(random, 0.12),
				refused: clean || chance(random, 0.8) ? 'no' : pick(['told', 'untold']),
			});
		});
	}
	const users = ['1', '2', '3', '4'].slice(0, 1 + Math.floor(random() * 4));
	const some = (of: number) => new Set(users.filter(() => chance(random, of)));
	const world: World = {
		words,
		administrators: chance(random, 0.5) ? some(0.4) : new Set(),
		strangers: clean || chance(random, 0.7) ? new Set() : some(0.3),
		strict: chance(random, 0.3),
		refusesStanding: chance(random, 0.3),
		tells: !foldable || chance(random, 0.9),
		bluntWords: chance(random, 0.2),
	};
	const qcc = new QccModel(world, random);
	const all = users.flatMap((user) => [...words.keys()].map((word) => ({ user, word })));
	for (const { user, word } of all) {
		if (chance(random, 0.25)) qcc.monitored.add(`${user} ${qcc.meaning(word).keyNo}`);
	}

	const keyed = pick([0, 0.5, 1]);
	const ledger = all.flatMap(({ user, word }): Entry[] => {
		if (!chance(random, 0.4)) return [];
		const keyNo = chance(random, keyed) ? qcc.meaning(word).keyNo : null;
		const stands = chance(random, 0.15) ? null : qcc.has(user, word);
		return [{ user, word, stands, keyNo }];
	});
	// No ledger holds a word that QCC has, and calls it absent, unless another word stands for it.
	const wanted = pick([0.1, 0.3, 0.6]);
	const desired = all.filter(() => chance(random, wanted));
	// Another spelling of what the ledger has: a rename.
	const renamed = ledger.flatMap(({ user, word, stands }) => {
		const others = all.filter(
			(one) => one.user === user && qcc.meaning(one.word).keyNo === qcc.meaning(word).keyNo,
		);
		return stands === true && chance(random, 0.3) ? [pick(others)] : [];
	});
	return {
		qcc,
		desired: [...desired, ...renamed],
		ledger,
		unreadable: chance(random, 0.05) ? 1 : 0,
		random,
		troubled: chance(random, 0.6),
		clean,
		foldable,
	};
}

function inputOf(desired: readonly Pair[], ledger: readonly Entry[], unreadable = 0): SyncInput {
	const wanted = new PairTable();
	const current = new PairTable();
	const rows = desired.map(({ user, word }, item) => ({ item, pair: wanted.add(user, word) }));
	const broken = Array.from({ length: unreadable }, (_, i) => ({
		item: desired.length + i,
		pair: PROBLEM,
	}));
	return {
		desired: { rows: [...rows, ...broken], pairs: wanted },
		current: {
			rows: ledger.map(({ user, word, stands, keyNo }, item): LedgerRow => {
				return { item, pair: current.add(user, word), stands, keyNo };
			}),
			pairs: current,
		},
	};
}

function drain<T>(work: Generator<undefined, T>): Promise<T> {
	for (;;) {
		const step = work.next();
		if (step.done) return Promise.resolve(step.value);
	}
}

export async function sync(
	one: Case,
	ledger: readonly Entry[],
	trouble: () => Trouble,
): Promise<Synced> {
	one.qcc.calls = [];
	return await runSync(inputOf(one.desired, ledger, one.unreadable), {
		maxRemovals: 100,
		grouping: 'fewest',
		sender: one.qcc.sender(trouble),
		pace: drain,
	});
}

const isPair = (row: SyncedRow): row is SyncedRow & { loginName: string; keyWord: string } =>
	row.problem === null && row.loginName !== null && row.keyWord !== null;

/** The rows to be kept, as the README has it. */
function ledgerOf(rows: readonly SyncedRow[]): Entry[] {
	return rows.filter(isPair).flatMap(({ loginName, keyWord, assigned, keyNo }) => {
		return assigned === false ? [] : [{ user: loginName, word: keyWord, stands: assigned, keyNo }];
	});
}

/** Rows that say what QCC does not hold. `byHand`: what QCC has that no ledger row tells. */
function lies({ qcc }: Case, rows: readonly SyncedRow[], byHand: ReadonlySet<string>): string[] {
	const pairs = rows.filter(isPair);
	return pairs.flatMap((row) => {
		const { loginName, keyWord, assigned, outcome, action } = row;
		const name = `${loginName} ${keyWord} (${action} ${outcome})`;
		const stands = qcc.has(loginName, keyWord);
		if (assigned === true && !stands) return [`${name} is true, and does not stand`];
		if (outcome === 'ok' && action === 'assign' && !stands) return [`${name} does not stand`];
		if (assigned !== false || !stands) return [];
		const { keyNo } = qcc.meaning(keyWord);
		const others = pairs.filter(
			(one) =>
				one !== row && one.loginName === loginName && qcc.meaning(one.keyWord).keyNo === keyNo,
		);
		const confirmed = outcome === 'ok' || outcome === 'unchanged';
		const told = others.some((one) => (confirmed ? one.assigned === true : one.assigned !== false));
		if (told || (!confirmed && byHand.has(`${loginName} ${keyNo}`))) return [];
		return [`${name} is false, and stands`];
	});
}

/** What QCC has and should not, or has not and should, after a run whose calls were answered. */
function wrongs(
	{ qcc, desired }: Case,
	before: readonly Entry[],
	rows: readonly SyncedRow[],
): string[] {
	const { strangers } = qcc.world;
	const refused = ({ user, word }: Pair) => {
		const { missing, refused } = qcc.meaning(word);
		return missing || refused !== 'no' || strangers.has(user);
	};
	const missing = desired
		.filter((pair) => !refused(pair) && !qcc.has(pair.user, pair.word))
		.map(({ user, word }) => `${user} lacks ${word}`);
	const held = new Set(
		rows
			.filter(isPair)
			.filter(({ outcome }) => outcome === 'notSent' || outcome === 'rejected')
			.map(({ loginName, keyWord }) => `${loginName} ${qcc.meaning(keyWord).keyNo}`),
	);
	const wanted = new Set(desired.map(({ user, word }) => `${user} ${qcc.meaning(word).keyNo}`));
	const left = before
		.filter(({ stands }) => stands !== false)
		.filter(({ user, word }) => {
			const link = `${user} ${qcc.meaning(word).keyNo}`;
			return qcc.monitored.has(link) && !wanted.has(link) && !held.has(link);
		})
		.map(({ user, word }) => `${user} still has ${word}`);
	return [...missing, ...left];
}

function byHandOf({ qcc }: Case, ledger: readonly Entry[]): Set<string> {
	const known = new Set(
		ledger
			.filter(({ stands }) => stands !== false)
			.map(({ user, word }) => `${user} ${qcc.meaning(word).keyNo}`),
	);
	return new Set([...qcc.monitored].filter((link) => !known.has(link)));
}

export const HONEST = (): Trouble => 'none';
const TROUBLES: readonly Trouble[] = ['lostBefore', 'lostAfter', 'repeated', 'leftOut', 'stop'];

export async function faultsOf(seed: number): Promise<string[]> {
	const one = makeCase(seed);
	const { qcc, random, desired } = one;
	const { world } = qcc;
	const found: string[] = [];
	const note = (run: string, wrong: readonly string[]) => {
		found.push(...wrong.map((what) => `${run}: ${what}`));
	};
	const stoodBefore = desired.filter(({ user, word }) => qcc.has(user, word));
	const trouble = (): Trouble => {
		if (!one.troubled || random() > 0.4) return 'none';
		return TROUBLES[Math.floor(random() * TROUBLES.length)] ?? 'none';
	};
	let byHand = byHandOf(one, one.ledger);
	let run = await sync(one, one.ledger, trouble);
	note('first', lies(one, run.rows, byHand));
	const lost = stoodBefore.filter(({ user, word }) => !qcc.has(user, word));
	const safe = world.administrators.size === 0 && world.tells && one.clean && !world.bluntWords;
	if (safe)
		note(
			'first',
			lost.map(({ user, word }) => `${user} lost ${word}`),
		);
	const isUntold = (word: string, keyNo: string) => {
		const meaning = qcc.meaning(word);
		return meaning.keyNo === keyNo && meaning.refused === 'untold';
	};
	const answered = qcc.calls.every((call) => call.answered);
	if (answered && one.unreadable === 0) note('first', wrongs(one, one.ledger, run.rows));
	// Refused, and known for the company that stands: whatever came of the row, it is not removed.
	if (answered && world.administrators.size === 0 && world.tells && !world.bluntWords) {
		const kept = lost.filter(({ user, word }) => {
			const { keyNo, missing, refused } = qcc.meaning(word);
			const isTold = !missing && refused === 'told' && !world.strangers.has(user);
			// Nobody can know what QCC does not tell of the ledger's word either.
			return isTold && !one.ledger.some((row) => row.user === user && isUntold(row.word, keyNo));
		});
		note(
			'first',
			kept.map(({ user, word }) => `${user} lost ${word}, which was refused`),
		);
	}
	if (answered && safe && !world.strict) {
		const sent = qcc.calls.flatMap(({ action, pairs }) => pairs.map((pair) => `${action} ${pair}`));
		const asked = new Set(
			[...one.ledger, ...desired]
				.filter(({ word }) => {
					return !one.ledger.some((row) => row.word === word && row.keyNo !== null);
				})
				.map(({ word }) => word),
		);
		const bare = run.rows.filter(({ action }) => action !== 'none');
		const distinct = new Set(bare.map((row) => `${row.action} ${row.loginName} ${row.keyWord}`));
		if (sent.length > distinct.size + asked.size) note('first', [`${sent.length} rows were sent`]);
	}

	// Fed back, with calls that are answered, it converges; then there is nothing left to send.
	for (const name of ['second', 'third']) {
		const ledger = ledgerOf(run.rows);
		byHand = byHandOf(one, ledger);
		const settled = one.clean && one.unreadable === 0 && (name === 'third' || answered);
		run = await sync(one, ledger, HONEST);
		note(name, lies(one, run.rows, byHand));
		if (one.unreadable === 0) note(name, wrongs(one, ledger, run.rows));
		if (settled && qcc.calls.length > 0) note(name, [`${qcc.calls.length} calls were sent`]);
		if (settled && run.rows.some(({ outcome }) => outcome !== 'unchanged')) {
			note(name, ['a row is not unchanged']);
		}
	}
	return found;
}

import { canBeListed, ENDPOINTS, listedBytes, type Action, type Shape } from '../qcc/endpoints';
import type { PairTable } from '../read/pairs';
import { capacityAround, EMPTY, fits, withOneMore, type CallLimits } from './fill';
import type { Grouping } from '../read/request';
import { Centre, chooseCentres, type PairGraph, type StarLimits } from './starCover';
import { forEachPaced } from '../timing';

/** A centre and the pairs that travel around it: as many calls as its rows fill. */
export interface Star {
	readonly shape: Shape;
	/** The login name or company in the centre. */
	readonly centre: string;
	/** Numbers of the pairs, in the order of their first mention. */
	readonly pairs: readonly number[];
}

/** Pairs that are sent together. */
export interface Batch {
	readonly action: Action;
	readonly pairs: PairTable;
	readonly grouping: Grouping;
	/** They are asked for because of what was answered: no call that left before is an answer to them. */
	readonly afresh?: boolean;
}

/** Pairs, and the plan by which they are to travel. */
export interface Planned extends Batch {
	readonly stars: readonly Star[];
}

/** The calls that pairs would travel in. */
export interface Numbered {
	/** By pair, from 1. */
	readonly callOf: Int32Array;
	/** The number of the last. */
	readonly calls: number;
}

/**
 * Puts each pair into the star of its user or of its company.
 *
 * A company whose name holds an ASCII comma stands in the centre, whatever the grouping: it cannot
 * travel in a list. Yields now and then, so that a caller can breathe and notice a cancellation.
 * @returns the stars, users first, each kind in the order of first mention
 */
export function* planCalls(
	table: PairTable,
	grouping: Grouping,
	limits: CallLimits,
): Generator<undefined, Star[]> {
	const sides =
		grouping === 'fewest'
			? yield* chooseCentres(graphOf(table), starLimits(table, limits))
			: fixedSides(table, grouping);

	const around: Record<Shape, (number[] | undefined)[]> = {
		user: [],
		company: [],
	};
	yield* forEachPaced(table.userOf, (user, pair) => {
		const shape = sides[pair] === Centre.User ? 'user' : 'company';
		const centre = shape === 'user' ? user : (table.companyOf[pair] ?? 0);
		(around[shape][centre] ??= []).push(pair);
	});
	const stars = (shape: Shape, names: readonly string[]): Star[] =>
		names.flatMap((centre, i) => {
			const pairs = around[shape][i];
			return pairs ? [{ shape, centre, pairs }] : [];
		});
	return [...stars('user', table.users), ...stars('company', table.companies)];
}

/**
 * Cuts stars into the calls they would travel in, in the order of sending.
 * @param before calls that are sent earlier
 */
export function* numberCalls(
	table: PairTable,
	stars: readonly Star[],
	limits: CallLimits,
	before = 0,
): Generator<undefined, Numbered> {
	const callOf = new Int32Array(table.size);
	let calls = before;
	for (const { shape, centre, pairs } of stars) {
		const capacity = capacityAround(limits, shape, centre);
		let held = EMPTY;
		yield* forEachPaced(pairs, (pair) => {
			const size = listedBytes(shape === 'user' ? table.company(pair) : table.loginName(pair));
			if (!fits(held, size, capacity)) held = EMPTY;
			if (held.rows === 0) calls += 1;
			held = withOneMore(held, size);
			callOf[pair] = calls;
		});
	}
	return { callOf, calls };
}

function graphOf(table: PairTable): PairGraph {
	return {
		userOf: Int32Array.from(table.userOf),
		companyOf: Int32Array.from(table.companyOf),
		userCount: table.users.length,
		companyCount: table.companies.length,
	};
}

function starLimits(table: PairTable, limits: CallLimits): StarLimits {
	const { users, companies } = table;
	const room = (shape: Shape, centre: string) => capacityAround(limits, shape, centre).bytes;
	return {
		companiesPerCall: limits.rowsPerCall.user,
		usersPerCall: limits.rowsPerCall.company,
		...(companies.every(canBeListed)
			? {}
			: {
					centreOnly: Uint8Array.from(companies, (name) => (canBeListed(name) ? 0 : 1)),
				}),
		...(limits.urlBytes === Infinity
			? {}
			: {
					bytes: {
						aroundUser: Int32Array.from(users, (name) => room('user', name)),
						aroundCompany: Int32Array.from(companies, (name) => room('company', name)),
						ofUser: Int32Array.from(users, listedBytes),
						ofCompany: Int32Array.from(companies, listedBytes),
					},
				}),
	};
}

function fixedSides(table: PairTable, shape: Shape): Uint8Array {
	const side = Uint8Array.from(table.companies, (name) =>
		shape === 'company' || !canBeListed(name) ? Centre.Company : Centre.User,
	);
	return Uint8Array.from(table.companyOf, (company) => side[company] ?? Centre.Company);
}

/** The caps of section 5.1, lowered to the user's batch size. */
export function rowsPerCall(batchSize: number): Record<Shape, number> {
	const cap = (shape: Shape) => Math.min(batchSize, ENDPOINTS[shape].cap);
	return { user: cap('user'), company: cap('company') };
}

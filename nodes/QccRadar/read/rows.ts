import type { IExecuteFunctions } from 'n8n-workflow';
import { elements, readCompany, readLoginName, withoutInvisible, type Name } from './names';
import { PairTable } from './pairs';
import {
	failedExpression,
	parameterSource,
	valueReader,
	type NameParameter,
	type NameParameters,
	type ParameterSource,
	type Problem,
} from './parameters';
import type { Request } from './request';

/** Input that no call can carry. */
export interface InputProblem extends Problem {
	/** The row as far as it could be read. */
	readonly loginName: string | null;
	readonly company: string | null;
}

/** One row asked for: a pair of the table beside it, or the problem that keeps it from being one. */
export interface AskedRow {
	/** Index of the input item. */
	readonly item: number;
	readonly pair: number | InputProblem;
}

/** The rows that items ask for, in input order, and the distinct pairs behind them. */
export interface Rows<R extends AskedRow = AskedRow> {
	readonly rows: readonly R[];
	readonly pairs: PairTable;
}

/**
 * Reads the rows that the first input asks for. An item with a list asks for one row per element. An
 * expression that fails is a problem of its item like any other; a problem of the request is every row's.
 */
export function* readRows(
	context: IExecuteFunctions,
	{ resource, inputs, problem }: Request,
): Generator<undefined, Rows> {
	return yield* rowsOf(parameterSource(context, inputs[0] ?? []), resource, problem);
}

/** @param problem what is wrong with every row, whatever its names */
export function* rowsOf(
	source: ParameterSource,
	{ users, companies }: NameParameters,
	problem: Problem | null = null,
): Generator<undefined, Rows> {
	const loginNames = namesOf(source, users, readLoginName);
	const companyNames = namesOf(source, companies, readCompany);
	const pairOf = pairing({ users, companies }, problem);

	const rows: AskedRow[] = [];
	const pairs = new PairTable();
	for (let item = 0; item < source.itemCount; item++) {
		const ofItem = companyNames(item);
		for (const user of loginNames(item)) {
			for (const company of ofItem) rows.push({ item, pair: pairOf(pairs, user, company) });
		}
		yield;
	}
	return { rows, pairs };
}

function namesOf(
	source: ParameterSource,
	{ name, list }: NameParameter,
	readOne: (value: unknown) => Name,
): (item: number) => readonly Name[] {
	const read = valueReader(source, name);
	return (item) => {
		try {
			const value = read(item);
			if (!list) return [withFields(readOne(value), source.json(item))];
			const all = elements(value).map(readOne);
			return all.length === 1 ? all.map((one) => withFields(one, source.json(item))) : all;
		} catch (error) {
			return [{ text: null, problem: failedExpression(error) }];
		}
	};
}

const MOST_FIELDS_NAMED = 5;
const MOST_OF_A_FIELD = 30;

/** The fields that an item does have, by name and never by value: often the wrong one was asked for. */
export function fieldsOf(json: unknown): string {
	const fields = typeof json === 'object' && json !== null ? Object.keys(json) : [];
	if (fields.length === 0) return 'the item has no fields';
	const named = fields.slice(0, MOST_FIELDS_NAMED).map((field) => {
		const characters = Array.from(withoutInvisible(field).replace(/\s+/g, ' ').trim());
		const cut = characters.length > MOST_OF_A_FIELD;
		return `“${characters.slice(0, MOST_OF_A_FIELD).join('')}${cut ? '…' : ''}”`;
	});
	const more = fields.length - named.length;
	return `the item has ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function withFields(name: Name, json: unknown): Name {
	return name.empty ? { ...name, problem: `is empty: ${fieldsOf(json)}` } : name;
}

/** Two names to the number of their pair, new to the table or not, or to the problem that is first. */
export function pairing({ users, companies }: NameParameters, problem: Problem | null) {
	return (pairs: PairTable, user: Name, company: Name): number | InputProblem => {
		const row = { loginName: user.text, company: company.text };
		if (problem) return { ...row, ...problem };
		if (user.problem !== null) return { ...row, parameter: users.displayName, what: user.problem };
		if (company.problem !== null)
			return { ...row, parameter: companies.displayName, what: company.problem };
		return pairs.add(user.text ?? '', company.text ?? '');
	};
}

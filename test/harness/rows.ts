import type { ICredentialDataDecryptedObject, IDataObject, OnError } from 'n8n-workflow';

import {
	startSimulator,
	TEST_ACCOUNT,
	type CallRecord,
	type Simulator,
	type SimulatorOptions,
} from '../simulator/simulator';
import { runNode, type NodeResult } from './engine';
import { keyNoOf } from '../simulator/ledger';

type Operation =
	'assignCompanies' | 'unassignCompanies' | 'assignUsers' | 'unassignUsers' | 'create' | 'delete';

/** Resource, operation and name parameters, each read from the item's field of the same name. */
const PARAMETERS: Readonly<Record<Operation, Record<string, string>>> = {
	assignCompanies: around('user', 'assignCompanies', 'loginName', 'companies'),
	unassignCompanies: around('user', 'unassignCompanies', 'loginName', 'companies'),
	assignUsers: around('company', 'assignUsers', 'loginNames', 'company'),
	unassignUsers: around('company', 'unassignUsers', 'loginNames', 'company'),
	create: around('assignment', 'create', 'loginName', 'company'),
	delete: around('assignment', 'delete', 'loginName', 'company'),
};

function around(resource: string, operation: string, ...names: string[]): Record<string, string> {
	const parameters = names.map((name) => [name, `={{ $json.${name} }}`]);
	return { resource, operation, ...(Object.fromEntries(parameters) as Record<string, string>) };
}

export interface Job {
	readonly operation: Operation;
	readonly items: readonly IDataObject[];
	/** In place of those that read the item's fields. */
	readonly parameters?: Record<string, string | number>;
	readonly options?: Record<string, string | number | boolean>;
	readonly onError?: OnError;
	readonly credential?: ICredentialDataDecryptedObject;
}

/** Runs the node against a simulator. */
export async function runOn(simulator: Simulator, job: Job): Promise<NodeResult> {
	const { operation, items, parameters, options = {}, onError, credential } = job;
	return await runNode({
		inputs: [items],
		parameters: { ...PARAMETERS[operation], ...parameters, options },
		credential: { ...TEST_ACCOUNT, baseUrl: simulator.url, ...credential },
		...(onError ? { onError } : {}),
	});
}

/** What the node said, and what the server saw. */
export interface Ran extends NodeResult {
	/** The ledger, a line `loginName company` for each pair. */
	readonly pairs: readonly string[];
	readonly calls: readonly CallRecord[];
}

/** Runs the node against a simulator of its own, whose ledger holds `assigned` (loginName, company). */
export async function run(
	job: Job,
	options: SimulatorOptions = {},
	assigned: readonly (readonly [loginName: string, company: string])[] = [],
): Promise<Ran> {
	const simulator = await startSimulator(options);
	for (const [loginName, company] of assigned) simulator.assign(loginName, company);
	try {
		const result = await runOn(simulator, job);
		return { ...result, pairs: simulator.pairs(), calls: [...simulator.calls] };
	} finally {
		await simulator.close();
	}
}

/** A row of the output as the contract has it: `ok`, assigned, where no field says otherwise. */
export function row(loginName: string | null, keyWord: string | null, fields: IDataObject = {}) {
	return {
		loginName,
		keyWord,
		outcome: 'ok',
		msg: '保存成功',
		success: true,
		status: 200,
		keyNo: keyWord === null ? null : keyNoOf(keyWord),
		action: 'assign',
		...fields,
	};
}

/** A row that was not done: no company number, and no status where none is given. */
export function undone(
	loginName: string | null,
	keyWord: string | null,
	fields: IDataObject & { outcome: string; msg: string | null },
) {
	return row(loginName, keyWord, { keyNo: null, success: false, status: null, ...fields });
}

/** A row that could not be read. */
export function unfit(loginName: string | null, keyWord: string | null, msg: string) {
	return undone(loginName, keyWord, { outcome: 'notSent', action: 'none', msg });
}

/**
 * The hints of a run: what it came to, and what was not done.
 * @param totals without the seconds that it took; a dry run tells none
 */
export function hints(totals: string, warning?: string) {
	const seconds = totals.includes('ould ') ? '' : ', \\d+\\.\\d s';
	const message = expect.stringMatching(new RegExp(`^${totals}${seconds}$`)) as string;
	const location = 'outputPane';
	return [
		{ message, type: 'info', location },
		...(warning === undefined ? [] : [{ message: warning, type: 'warning', location }]),
	];
}

export function paired(item: number, json: IDataObject, input = 0) {
	return { json, pairedItem: input === 0 ? { item } : { item, input } };
}

export function lines(pairs: readonly (readonly [loginName: string, company: string])[]): string[] {
	return [...new Set(pairs.map((pair) => pair.join(' ')))].sort();
}

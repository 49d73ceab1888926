import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';
import { keyNoOf } from '../qcc/answer';
import { readCompany, readLoginName, withoutInvisible, type Name } from './names';
import { PairTable } from './pairs';
import {
	ASK_ENGINE,
	expressionOver,
	failedExpression,
	isExpression,
	propertyPath,
	valueAt,
	type NameParameter,
} from './parameters';
import type { Request } from './request';
import { fieldsOf, pairing, type AskedRow, type Rows } from './rows';

/** A row of Current, the ledger of what was assigned before. */
export interface LedgerRow extends AskedRow {
	/** Null: not known, for the ledger does not say or an earlier run could not tell. */
	readonly stands: boolean | null;
	/** QCC's number of the company, where the ledger holds it. */
	readonly keyNo: string | null;
	/** The ledger's own, by which its row is found again, where the names are not read as they stand. */
	readonly spelling?: Spelling;
}

/** The names of a pair, as an item spells them; null where it holds no text. */
export interface Spelling {
	readonly loginName: string | null;
	readonly keyWord: string | null;
}

interface SpelledName {
	readonly name: Name;
	readonly spelled: string | null;
}

/** The fields of this node's own output that name a pair, by the parameters that do. */
const OWN_FIELDS: Readonly<Record<string, string>> = { loginName: 'loginName', company: 'keyWord' };

/**
 * Reads the second input of a sync. An item is read by the names that this node gives its own output,
 * else by what the parameters take from Desired: a fixed text, a property, an expression over the item
 * where n8n's engine can be brought to it. What stands inside `error` wins over the fields beside it,
 * which n8n adds on the error branch. An item without any field, as Always Output Data makes of an
 * empty ledger, is no row.
 */
export function* readLedger(
	context: IExecuteFunctions,
	{ resource, inputs, problem }: Request,
): Generator<undefined, Rows<LedgerRow>> {
	const items = inputs[1] ?? [];
	const merged = items.map(({ json }) => ({ json: { ...json, ...errorOf(json) } }));
	const raws = [resource.users, resource.companies].map(({ name }) =>
		context.getNodeParameter(name, 0, '', { rawExpressions: true }),
	);
	// Two fixed texts would make a row of any item, whatever it holds.
	const fixed = raws.some(isExpression);
	const nameOf = (
		parameter: NameParameter,
		raw: unknown,
		readOne: (value: unknown) => Name,
	): ((item: number) => SpelledName) => {
		const read = ledgerReader(context, raw, merged, fixed);
		const own = OWN_FIELDS[parameter.name] ?? parameter.name;
		return (item) => {
			const json = items[item]?.json ?? {};
			try {
				const value = errorOf(json)[own] ?? json[own] ?? read(item);
				const name = readOne(value);
				return {
					spelled: typeof value === 'string' ? value : name.text,
					name: name.empty ? { ...name, problem: `is empty: ${whatIsMissing(json)}` } : name,
				};
			} catch (error) {
				return { spelled: null, name: { text: null, problem: failedExpression(error) } };
			}
		};
	};
	const loginName = nameOf(resource.users, raws[0], readLoginName);
	const company = nameOf(resource.companies, raws[1], readCompany);
	const pairOf = pairing(resource, problem);

	const rows: LedgerRow[] = [];
	const pairs = new PairTable();
	for (const [item, { json }] of items.entries()) {
		if (Object.keys(json).length > 0) {
			const error = errorOf(json);
			const [user, word] = [loginName(item), company(item)];
			const asRead = user.spelled === user.name.text && word.spelled === word.name.text;
			rows.push({
				item,
				pair: pairOf(pairs, user.name, word.name),
				...(asRead ? {} : { spelling: { loginName: user.spelled, keyWord: word.spelled } }),
				stands: standing('assigned' in error ? error.assigned : json.assigned),
				keyNo: keyNoOf(error.keyNo) ?? keyNoOf(json.keyNo),
			});
		}
		yield;
	}
	return { rows, pairs };
}

/** Reads what a parameter takes from Desired's items from Current's; undefined where it cannot. */
function ledgerReader(
	context: IExecuteFunctions,
	raw: unknown,
	items: readonly INodeExecutionData[],
	fixed: boolean,
): (item: number) => unknown {
	if (!isExpression(raw)) return () => (fixed ? raw : undefined);
	const path = propertyPath(raw);
	const nothing = () => undefined;
	let resolve: ((item: number) => unknown) | undefined;
	return (item) => {
		const value = path ? valueAt(items[item]?.json, path) : ASK_ENGINE;
		if (value !== ASK_ENGINE) return value;
		resolve ??= expressionOver(context, raw, items) ?? nothing;
		return resolve(item);
	};
}

function whatIsMissing(json: IDataObject): string {
	return `a row of Current needs the fields “loginName” and “keyWord”, and ${fieldsOf(json)}`;
}

const NOTHING: IDataObject = {};

/** A failed row as the error branch gives it; n8n's own `error` is a text, and tells no row. */
function errorOf({ error }: IDataObject): IDataObject {
	return typeof error === 'object' && error !== null && !Array.isArray(error)
		? (error as IDataObject)
		: NOTHING;
}

/** Words that sheets, forms and databases write for yes and for no; a tick box is exported as `x`. */
const YES = new Set(['true', 't', 'yes', 'y', 'on', 'x', '✓', '✔', '√', '是']);
const NO = new Set(['false', 'f', 'no', 'n', 'off', '✗', '✘', '×', '否']);

/**
 * `assigned`, as sheets and databases write it. What means neither yes nor no, as `#N/A` does, is not
 * known: read as yes, it would be said to stand without anybody having asked.
 */
function standing(assigned: unknown): boolean | null {
	if (assigned === undefined) return true;
	if (typeof assigned === 'boolean') return assigned;
	if (typeof assigned !== 'string' && typeof assigned !== 'number') return null;
	const word = withoutInvisible(String(assigned)).normalize('NFKC').trim().toLowerCase();
	if (YES.has(word)) return true;
	if (NO.has(word)) return false;
	const number = word === '' ? NaN : Number(word);
	return Number.isFinite(number) ? number !== 0 : null;
}

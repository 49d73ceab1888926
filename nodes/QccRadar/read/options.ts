import type { IExecuteFunctions, INodeProperties } from 'n8n-workflow';
import { optionsDescription } from '../description/options';
import { failedExpression, type Problem } from './parameters';

/** The `options` collection (README: "Options"). */
export interface Options {
	/** Rows; each endpoint's own maximum lowers it. */
	batchSize: number;
	dryRun: boolean;
	failOnRejectedRows: boolean;
	includeInputFields: boolean;
	leaveOutUnchanged: boolean;
	maxConcurrency: number;
	/** Percent. */
	maxRemovals: number;
	/** Bytes; 0 leaves it to be learned. */
	maxUrlLength: number;
	/** Seconds. */
	retryFor: number;
	/** Milliseconds. */
	timeout: number;
}

/** An option as its description has it. */
interface Option {
	readonly name: keyof Options;
	readonly displayName: string;
	/** Operations that have it; undefined for all. */
	readonly operations: readonly unknown[] | undefined;
	readonly initial: boolean | number;
	readonly range: readonly [least: number, most: number];
	readonly whole: boolean;
}

function optionOf(property: INodeProperties): Option {
	const { name, displayName, default: initial, displayOptions, typeOptions } = property;
	if (typeof initial !== 'boolean' && typeof initial !== 'number')
		throw new TypeError(`The option ${name} has no default that can be read`);
	const operations = displayOptions?.show?.['/operation'];
	return {
		name: name as keyof Options,
		displayName,
		operations: Array.isArray(operations) ? operations : undefined,
		initial,
		range: [typeOptions?.minValue ?? -Infinity, typeOptions?.maxValue ?? Infinity],
		whole: typeOptions?.numberPrecision === 0,
	};
}

const OPTIONS = optionsDescription
	.flatMap(({ options = [] }) => options as INodeProperties[])
	.map(optionOf);

export const DEFAULTS = Object.fromEntries(
	OPTIONS.map(({ name, initial }) => [name, initial]),
) as unknown as Options;

/** Numbers of which none makes sense: 0 stands for the default. */
const ZERO_IS_DEFAULT: ReadonlySet<keyof Options> = new Set(['batchSize', 'retryFor', 'timeout']);

const YES = new Set(['true', 'yes', '1']);
const NO = new Set(['false', 'no', '0']);

/** Thrown by a reader of one option, to be told with the option's name. */
class Unreadable extends Error {}

function readBoolean(value: unknown): boolean {
	if (typeof value === 'boolean') return value;
	const word = typeof value === 'number' ? value.toString() : value;
	if (typeof word === 'string') {
		const folded = word.normalize('NFKC').trim().toLowerCase();
		if (YES.has(folded)) return true;
		if (NO.has(folded)) return false;
	}
	throw new Unreadable('is neither true nor false');
}

function readNumber(value: unknown, { name, initial, range, whole }: Option): number {
	const text = typeof value === 'string' ? value.normalize('NFKC').trim() : value;
	const number = typeof text === 'string' ? Number(text) : text;
	if (typeof number !== 'number' || !Number.isFinite(number))
		throw new Unreadable('is not a number');
	const rounded = whole ? Math.floor(number) : number;
	if (rounded <= 0 && ZERO_IS_DEFAULT.has(name)) return Number(initial);
	const [least, most] = range;
	return Math.min(most, Math.max(least, rounded));
}

/** An expression that yields nothing leaves the option as it is. */
function readOption(value: unknown, option: Option): boolean | number {
	const nothing =
		value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
	if (nothing) return option.initial;
	return typeof option.initial === 'boolean' ? readBoolean(value) : readNumber(value, option);
}

/**
 * Reads the options that the operation has. An expression can yield anything: text that is a number,
 * or true or false, is read as one.
 */
export function readOptions(
	context: IExecuteFunctions,
	operation: string,
): { readonly options: Options; readonly problem: Problem | null } {
	const raw: unknown = context.getNodeParameter('options', 0, {}, { rawExpressions: true });
	const chosen = typeof raw === 'object' && raw !== null ? raw : {};
	const given: Partial<Record<keyof Options, boolean | number>> = {};
	let problem: Problem | null = null;
	for (const option of OPTIONS) {
		const { name, displayName, operations } = option;
		if (!Object.hasOwn(chosen, name) || operations?.includes(operation) === false) continue;
		try {
			// Each by itself, so that one which fails can be named.
			given[name] = readOption(context.getNodeParameter(`options.${name}`, 0, null), option);
		} catch (error) {
			const what = error instanceof Unreadable ? error.message : failedExpression(error);
			problem ??= { parameter: displayName, what };
		}
	}
	return { options: { ...DEFAULTS, ...(given as Partial<Options>) }, problem };
}

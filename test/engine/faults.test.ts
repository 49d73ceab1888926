import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OnError } from 'n8n-workflow';
import type { CallRecord } from '../simulator/simulator';
import { FAULT_KINDS, redirects, type FaultKind } from '../faults/faultKinds';
import { companiesOf, runTrial, wrongsOf, type Report, type Tally } from '../harness/trial';

const ROWS = 24;
const ROWS_PER_CALL = 3;
const CALLS = ROWS / ROWS_PER_CALL;
/** Calls that may start after an answer that ends the run: those on their way to the server. */
const MOST_STARTED_AFTER = 10;

const MODES = ['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const;
const PLACES = ['the first call', 'a middle call', 'every call'] as const;
type Place = (typeof PLACES)[number];

const STRIKES: Readonly<Record<Place, (call: CallRecord) => boolean>> = {
	'the first call': ({ n }) => n === 1,
	'a middle call': ({ n }) => n === 4,
	'every call': () => true,
};

async function runUnder(fault: FaultKind, place: Place, onError: OnError): Promise<Report> {
	return await runTrial(
		{
			pairs: companiesOf(ROWS, (i) => `Ａcme ${i}（上海）有限公司`),
			onError,
			options: { batchSize: ROWS_PER_CALL, timeout: fault.silent ? 2000 : 20_000, retryFor: 5 },
		},
		{ faults: (call) => (STRIKES[place](call) ? fault.on(call) : undefined), latency: 2 },
	);
}

function tally(some: Partial<Tally>): Tally {
	return { ok: 0, rejected: 0, unknown: 0, notSent: 0, ...some };
}

/** What the run must come to where that is certain, else null. */
function certainTally({ effect, unclear }: FaultKind, place: Place): Tally | null {
	const all = place === 'every call';
	switch (effect) {
		case 'harmless':
			return tally({ ok: ROWS });
		case 'badRow':
			return all ? tally({ rejected: ROWS }) : tally({ ok: ROWS });
		case 'locked': {
			const notSent = all ? ROWS : ROWS_PER_CALL;
			return tally({ notSent, ok: ROWS - notSent });
		}
		case 'unclear': {
			const unknown = (unclear?.(ROWS_PER_CALL) ?? 0) * (all ? CALLS : 1);
			return tally({ unknown, ok: ROWS - unknown });
		}
		case 'passing':
		case 'throttling':
			return all ? null : tally({ ok: ROWS });
		case 'final':
			return null;
	}
}

/** What is wrong with a run beyond what can be wrong with any. */
function wrongsUnder(fault: FaultKind, place: Place, report: Report): string[] {
	const wrongs = wrongsOf(report);
	const { result, calls } = report;
	const failed = fault.effect === 'final' || certainTally(fault, place) === null;
	const { error } = result;
	if ((error !== undefined) !== (failed && report.trial.onError === 'stopWorkflow')) {
		wrongs.push(error ? `threw: ${error.message}` : 'did not throw');
	}
	const { ok, rejected, unknown } = report.tally;
	if (failed && place === 'every call') {
		const certain = fault.effect === 'passing' || fault.doubtful ? 0 : unknown;
		const none = ok + rejected + certain;
		if (none > 0) wrongs.push(`done ${ok}, rejected ${rejected}, unknown ${unknown}`);
	}
	if (fault.effect === 'final') {
		const struck = calls.findIndex(STRIKES[place]);
		const after = calls
			.slice(struck)
			.filter(({ startedAt }) => startedAt > (calls[struck]?.endedAt ?? Infinity));
		if (after.length > MOST_STARTED_AFTER) wrongs.push(`${after.length} calls started after it`);
	}
	if (fault.effect === 'locked' && calls.length !== CALLS) wrongs.push(`${calls.length} calls`);
	if (error) wrongs.push(...wrongsOfWords(error));
	return wrongs;
}

/** An error says what happened, and then what to do and how far the run came. */
function wrongsOfWords({ message, description }: Error & { description?: unknown }): string[] {
	const wrongs: string[] = [];
	if (!/^(QCC|The (server|connection|answer)|No complete) .*\w/.test(message)) {
		wrongs.push(`says what happened as: ${message}`);
	}
	if (!/^[A-Z].+\. Rows done: .+\.$/.test(String(description))) {
		wrongs.push(`says what to do as: ${String(description)}`);
	}
	return wrongs;
}

async function matrixOf(fault: FaultKind): Promise<Record<string, unknown>> {
	const cells = PLACES.flatMap((place) =>
		MODES.map(async (onError) => {
			const report = await runUnder(fault, place, onError);
			const certain = certainTally(fault, place);
			return [
				`${place}, ${onError}`,
				{ wrongs: wrongsUnder(fault, place, report), tally: certain && report.tally },
			] as const;
		}),
	);
	return Object.fromEntries(await Promise.all(cells));
}

function expectedOf(fault: FaultKind): Record<string, unknown> {
	return Object.fromEntries(
		PLACES.flatMap((place) =>
			MODES.map((onError) => [
				`${place}, ${onError}`,
				{ wrongs: [], tally: certainTally(fault, place) },
			]),
		),
	);
}

/** The engine loads its parts with its first execution, which may take longer than a short timeout. */
const engineIsLoaded = runTrial({ pairs: companiesOf(1) });

describe('a fault on the first call, a middle call or every call', () => {
	test.concurrent.each(FAULT_KINDS)('$name', async (fault) => {
		await engineIsLoaded;
		expect(await matrixOf(fault)).toEqual(expectedOf(fault));
	});
});

test('a redirect to another origin is not followed', async () => {
	const received: string[] = [];
	const elsewhere = createServer((request, response) => {
		received.push(`${request.method ?? ''} ${request.url ?? ''}`);
		response.end('{"status":"200","msg":null,"result":null}');
	}).listen(0, '127.0.0.1');
	await once(elsewhere, 'listening');
	const { port } = elsewhere.address() as AddressInfo;
	try {
		for (const fault of redirects(`http://localhost:${port}/api/radar_ext/`)) {
			expect(await matrixOf(fault)).toEqual(expectedOf(fault));
		}
		expect(received).toEqual([]);
	} finally {
		elsewhere.close();
	}
});

describe('options that an expression yields', () => {
	const NUMBERS = {
		batchSize: 'Batch Size',
		maxConcurrency: 'Max Concurrency',
		maxUrlLength: 'Max URL Length',
		retryFor: 'Retry For (Seconds)',
		timeout: 'Timeout (Milliseconds)',
	};
	const trialWith = async (name: string, value: unknown) =>
		await runTrial({
			pairs: companiesOf(10),
			onError: 'continueRegularOutput',
			options: { [name]: value as number },
		});

	test.each(['', null, -1, 2.5, '3', 1e12])('%p for a number: every row is done', async (value) => {
		for (const name of Object.keys(NUMBERS)) {
			const report = await trialWith(name, value);
			// With 1 ms, honesty is all that can be asked for.
			const done =
				report.tally.ok === 10 || (name === 'timeout' && value !== null && Number(value) < 10);
			expect({ name, wrongs: wrongsOf(report), done }).toEqual({ name, wrongs: [], done: true });
		}
	});

	test.each(['abc', true, [], {}])(
		'%p for a number: each row says what is wrong, and nothing is sent',
		async (value) => {
			for (const [name, displayName] of Object.entries(NUMBERS)) {
				const { answers, calls } = await trialWith(name, value);
				expect(calls).toEqual([]);
				expect(answers.map(({ outcome }) => outcome)).toEqual(Array(10).fill('notSent'));
				for (const { msg } of answers) expect(msg).toContain(`“${displayName}”`);
			}
		},
	);
});

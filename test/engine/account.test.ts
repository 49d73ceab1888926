import type { ICredentialDataDecryptedObject, OnError } from 'n8n-workflow';

import { TEST_ACCOUNT, type CallRecord, type FaultPlan } from '../simulator/simulator';
import { hints, paired, row, run, undone, type Job } from '../harness/rows';
import { everythingTold, secretsTold } from '../harness/secrets';

const ITEMS = [
	{ loginName: '138', company: '甲公司' },
	{ loginName: '138', company: '乙公司' },
];
const JOB: Job = { operation: 'create', items: ITEMS };
const withCredential = (credential: ICredentialDataDecryptedObject, onError?: OnError) =>
	run({ ...JOB, credential, ...(onError ? { onError } : {}) });

const { appKey, secretKey } = TEST_ACCOUNT;

test('white space around pasted keys is taken off', async () => {
	const ran = await withCredential({ appKey: ` ${appKey}\n`, secretKey: `\t${secretKey}\u3000` });
	expect(ran.outputs).toEqual([[paired(0, row('138', '甲公司')), paired(1, row('138', '乙公司'))]]);
	expect(ran.calls.map(({ key }) => key)).toEqual([appKey]);
});

test('a server that cannot be reached: the error is the node’s own, not n8n’s for ECONNREFUSED', async () => {
	const ran = await run({
		...JOB,
		options: { retryFor: 0.001 },
		credential: { baseUrl: 'http://127.0.0.1:1' },
	});
	expect(ran.error).toMatchObject({
		name: 'NodeOperationError',
		message: 'QCC could not be reached: the connection was refused (ECONNREFUSED)',
		description:
			'Check host and port in the Base URL of the credential, and any firewall or proxy between this server and QCC. Rows done: 0, rejected: 0, unknown: 0, not sent: 2.',
	});
});

const UNUSABLE = 'Nothing was sent. Open the credential of this node and correct the field.';
const HTTPS =
	'The Base URL of the QCC Radar credential must be an https address such as https://pro.qcc.com';
test.each<[string, ICredentialDataDecryptedObject, string]>([
	['a base URL without TLS', { baseUrl: 'http://pro.qcc.com' }, HTTPS],
	['a base URL that is none', { baseUrl: 'pro.qcc.com' }, HTTPS],
	['no AppKey', { appKey: ' ' }, 'The AppKey of the QCC Radar credential is empty'],
	['no SecretKey', { secretKey: '' }, 'The SecretKey of the QCC Radar credential is empty'],
])('%s: the node says so, and sends nothing', async (_, credential, message) => {
	const ran = await withCredential(credential);
	expect(ran.error).toMatchObject({
		name: 'NodeOperationError',
		message,
		description: `${UNUSABLE} Rows done: 0, rejected: 0, unknown: 0, not sent: 2.`,
	});
	expect([ran.status, ran.outputs, ran.calls]).toEqual(['error', [], []]);

	const told = await withCredential(credential, 'continueRegularOutput');
	expect(told.outputs).toEqual([
		ITEMS.map(({ loginName, company }, item) =>
			paired(item, undone(loginName, company, { outcome: 'notSent', msg: message })),
		),
	]);
	expect([told.error, told.calls]).toEqual([undefined, []]);
	expect(told.hints).toEqual(
		hints('Not sent 2, in 0 calls', `Not done: 2 of 2 rows. ${message} (2). ${UNUSABLE}`),
	);
});

describe('a SecretKey that is wrong', () => {
	const wrong = { secretKey: 'SIMULATORSECRET0123456789ABCDEF1' };
	const what =
		'QCC answered with code 107: the IP address is not allowed, or the signature is wrong (被禁止的 IP 或者签名错误)';
	const advice =
		'Check three things: this server’s public IP is on the whitelist in QCC Pro, the credential’s SecretKey belongs to its AppKey, and this server’s clock is right. This server’s clock agrees with QCC’s.';
	const tally = 'Rows done: 0, rejected: 0, unknown: 0, not sent: 2.';

	test('Stop: the error names all that it can be, the clock too', async () => {
		const ran = await withCredential(wrong);
		expect(ran.error).toMatchObject({
			name: 'NodeApiError',
			message: what,
			description: `${advice} ${tally}`,
			httpCode: '107',
		});
		expect([ran.status, ran.outputs, ran.calls.length]).toEqual(['error', [], 1]);
	});

	test('a clock that is wrong is named with how much', async () => {
		const ran = await run(JOB, { now: () => Date.now() + 600_000 });
		expect(ran.error?.message).toBe(what);
		expect((ran.error as Error & { description?: string }).description).toMatch(
			/ This server’s clock is (599|600|601) s behind QCC’s\. /,
		);
	});

	test('Continue: so does each row', async () => {
		const ran = await withCredential(wrong, 'continueRegularOutput');
		const msg = '被禁止的 IP 或者签名错误';
		expect(ran.outputs).toEqual([
			ITEMS.map(({ loginName, company }, item) =>
				paired(item, undone(loginName, company, { outcome: 'notSent', status: 107, msg })),
			),
		]);
		expect([ran.status, ran.calls.length]).toEqual(['success', 1]);
		expect(ran.hints).toEqual(
			hints('Not sent 2, in 1 call', `Not done: 2 of 2 rows. ${what} (2). ${advice}`),
		);
	});
});

describe('nothing of the credential is told', () => {
	const tokenOf = ({ headers }: CallRecord) => String(headers.token);
	/** A server that repeats all it was sent. */
	const parrot: FaultPlan = (call) => ({
		kind: 'code',
		code: 112,
		msg: `${call.key} ${tokenOf(call)} ${secretKey}`,
	});

	const CASES: [string, FaultPlan | undefined, Job['credential']?][] = [
		['rows are answered', undefined],
		['QCC repeats it', parrot],
		[
			'a web page repeats it',
			(call) => ({ kind: 'body', body: `<p>${call.key} ${tokenOf(call)}` }),
		],
		['HTTP 400 comes', () => ({ kind: 'http', status: 400, body: 'no' })],
		['the call is redirected', () => ({ kind: 'redirect', location: 'http://127.0.0.1:1/' })],
		['the connection breaks', () => ({ kind: 'reset', when: 'before' })],
		['the server is gone', undefined, { baseUrl: 'http://127.0.0.1:1' }],
		['the signature is refused', undefined, { secretKey: `${secretKey}X` }],
		['the address is no host’s', undefined, { baseUrl: 'https://qcc.invalid' }],
	];
	const MODES = ['stopWorkflow', 'continueRegularOutput', 'continueErrorOutput'] as const;

	test.each(
		CASES.flatMap(([name, faults, credential]) =>
			MODES.map((onError) => ({ name, faults, credential, onError })),
		),
	)('when $name, under $onError', async ({ faults, credential = {}, onError }) => {
		const items = [...ITEMS, { loginName: '139', company: '不存在的公司' }];
		const ran = await run(
			{ ...JOB, items, credential, onError, options: { retryFor: 0.001, timeout: 5_000 } },
			faults ? { faults } : {},
		);
		expect(everythingTold(ran)).toContain('138');
		expect(secretsTold(ran, ran.calls)).toEqual([]);
	});

	test('QCC’s words are told without it', async () => {
		const ran = await run({ ...JOB }, { faults: parrot });
		expect(ran.error?.message).toBe(
			'QCC answered with code 112: the account’s quota is used up (*** *** ***)',
		);
	});
});

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { keyNoOf } from './ledger';
import {
	type Account,
	addForeignRow,
	type AnswerRow,
	contradictRows,
	dropRows,
	duplicateRows,
	type Fault,
	normaliseRows,
	planOf,
	type RowChange,
	shuffleRows,
	type Simulator,
	type SimulatorOptions,
	startSimulator,
	TEST_ACCOUNT,
	widenRows,
} from './simulator';

const ADD_COMPANIES = 'batchAddRadarCompanyListToExistedUser';
const CANCEL_COMPANIES = 'batchCancelRadarCompanyListFromExistedUser';
const ADD_USERS = 'batchAddRadarCompanyToExistedUserList';
const CANCEL_USERS = 'batchCancelRadarCompanyFromExistedUserList';

const XIAOMI = {
	name: '小米科技有限责任公司',
	creditCode: '91110108551385082Q',
	registrationNo: '110108012660422',
	keyNo: '9cce0780ab7644008b73bc2120479d31',
};
const GUANGDONG = {
	name: '广东小米科技有限责任公司',
	keyNo: '02ff6e6bed57a655db1bc67dfa829984',
};

interface Exchange {
	status?: number;
	headers?: IncomingHttpHeaders;
	/** The bytes that came, as UTF-8, whole or not. */
	text: string;
	/** The error code of an exchange that broke. */
	broke?: string;
}

interface Raw {
	method?: string;
	headers?: Record<string, string>;
	signal?: AbortSignal;
	/** Called at each chunk with all that has come so far. */
	onText?: (text: string) => void;
}

let simulator: Simulator;
let agent: Agent;

beforeEach(() => {
	agent = new Agent({ keepAlive: true });
});

afterEach(async () => {
	agent.destroy();
	await simulator.close();
});

async function start(options: SimulatorOptions = {}): Promise<void> {
	simulator = await startSimulator(options);
}

function exchange(path: string, raw: Raw = {}): Promise<Exchange> {
	return new Promise((resolve) => {
		const { method = 'GET', headers = {}, signal } = raw;
		const outgoing = request(
			// `path` goes out as given; a URL string would be encoded.
			{
				host: '127.0.0.1',
				port: new URL(simulator.url).port,
				path,
				agent,
				method,
				headers,
				...(signal && { signal }),
			},
			(response) => {
				const chunks: Buffer[] = [];
				const come = () => ({
					...(response.statusCode !== undefined && { status: response.statusCode }),
					headers: response.headers,
					text: Buffer.concat(chunks).toString(),
				});
				response.on('data', (chunk: Buffer) => {
					chunks.push(chunk);
					raw.onText?.(come().text);
				});
				response.on('end', () => {
					resolve(come());
				});
				response.on('error', (error: NodeJS.ErrnoException) => {
					resolve({ ...come(), broke: error.code ?? error.name });
				});
			},
		);
		outgoing.on('error', (error: NodeJS.ErrnoException) => {
			resolve({ text: '', broke: error.code ?? error.name });
		});
		outgoing.end();
	});
}

/** Signs as section 5.1.1 says, at `seconds`, with whatever the account holds. */
function signed(account: Account = TEST_ACCOUNT, seconds = Math.floor(Date.now() / 1000)) {
	const token = createHash('md5')
		.update(account.appKey + String(seconds) + account.secretKey, 'utf8')
		.digest('hex')
		.toUpperCase();
	return { Timespan: String(seconds), Token: token };
}

function target(endpoint: string, parameters: Record<string, string>, key = TEST_ACCOUNT.appKey) {
	return `/api/radar_ext/${endpoint}?${new URLSearchParams({ key, ...parameters }).toString()}`;
}

async function ask(
	endpoint: string,
	parameters: Record<string, string>,
	raw: Raw = {},
): Promise<unknown> {
	const { text } = await exchange(target(endpoint, parameters), {
		...raw,
		headers: raw.headers ?? signed(),
	});
	return JSON.parse(text);
}

const code = (status: number, msg: string | null) => ({
	status: String(status),
	msg,
	result: null,
});
const answer = (status: string, batchList: unknown[]) => ({
	status,
	msg: null,
	result: { batchList },
});
const companyRow = (keyWord: string) => ({
	keyWord,
	keyNo: keyNoOf(keyWord),
	status: '200',
	msg: '保存成功',
});

/** Waits for what another socket is about to cause; half a minute without it is a failure. */
async function until(condition: () => boolean): Promise<void> {
	const end = Date.now() + 30_000;
	while (!condition()) {
		if (Date.now() > end) throw new Error(`Never came true: ${condition.toString()}`);
		await sleep(1);
	}
}

describe('the four endpoints', () => {
	test('assigns companies to a user and takes them away, as 5.1.1 and 5.1.2 show', async () => {
		await start({ companies: [XIAOMI, GUANGDONG] });
		const loginName = '13336569865';

		const added = await exchange(
			target(ADD_COMPANIES, {
				loginName,
				keyWordList: '小米科技有限责任公司,广东小米科技有限责任公司',
			}),
			{ headers: signed() },
		);

		expect(added.status).toBe(200);
		expect(added.headers?.['content-type']).toBe('application/json; charset=utf-8');
		expect(added.text).toBe(
			'{"status":"200","msg":null,"result":{"batchList":[' +
				'{"keyWord":"小米科技有限责任公司","keyNo":"9cce0780ab7644008b73bc2120479d31","status":"200","msg":"保存成功"},' +
				'{"keyWord":"广东小米科技有限责任公司","keyNo":"02ff6e6bed57a655db1bc67dfa829984","status":"200","msg":"保存成功"}]}}',
		);
		expect(simulator.pairs()).toEqual([
			'13336569865 小米科技有限责任公司',
			'13336569865 广东小米科技有限责任公司',
		]);

		const keyWordList = '小米科技有限责任公司,广东小米科技有限责任公司,测试不存在';
		expect(await ask(CANCEL_COMPANIES, { loginName, keyWordList })).toEqual(
			answer('500', [
				{ keyWord: XIAOMI.name, keyNo: XIAOMI.keyNo, status: '200', msg: '删除成功' },
				{ keyWord: GUANGDONG.name, keyNo: GUANGDONG.keyNo, status: '200', msg: '删除成功' },
				{ keyWord: '测试不存在', keyNo: null, status: '500', msg: '关键字不存在' },
			]),
		);
		expect(simulator.pairs()).toEqual([]);
	});

	test('assigns users to a company and takes them away, as 5.1.3 and 5.1.4 show', async () => {
		await start();
		const parameters = {
			keyWord: 'Acme (China) Co., Ltd.',
			loginNameList: '13800000002,13800000001',
		};

		expect(await ask(ADD_USERS, parameters)).toEqual(
			answer('200', [
				{ loginName: '13800000002', status: '200', msg: '保存成功' },
				{ loginName: '13800000001', status: '200', msg: '保存成功' },
			]),
		);
		expect(simulator.pairs()).toEqual([
			'13800000001 Acme (China) Co., Ltd.',
			'13800000002 Acme (China) Co., Ltd.',
		]);

		expect(
			await ask(CANCEL_USERS, { ...parameters, loginNameList: '13800000002,13800000003' }),
		).toEqual(
			answer('200', [
				{ loginName: '13800000002', status: '200', msg: '删除成功' },
				{ loginName: '13800000003', status: '200', msg: '删除成功' },
			]),
		);
		expect(simulator.pairs()).toEqual(['13800000001 Acme (China) Co., Ltd.']);
	});

	test('resolves name, credit code and registration number to one company', async () => {
		await start({ companies: [XIAOMI], openRegister: false });
		const { creditCode, registrationNo, keyNo, name } = XIAOMI;
		const saved = { keyNo, status: '200', msg: '保存成功' };

		expect(
			await ask(ADD_COMPANIES, {
				loginName: '1380',
				keyWordList: `${registrationNo},${creditCode},${name},${creditCode},甲公司`,
			}),
		).toEqual(
			answer('500', [
				{ keyWord: registrationNo, ...saved },
				{ keyWord: creditCode, ...saved },
				{ keyWord: name, ...saved },
				{ keyWord: creditCode, ...saved },
				{ keyWord: '甲公司', keyNo: null, status: '500', msg: '关键字不存在' },
			]),
		);
		expect(simulator.pairs()).toEqual([`1380 ${name}`]);
		expect([simulator.has('1380', creditCode), simulator.has('1380', '甲公司')]).toEqual([
			true,
			false,
		]);
	});

	test('resolves former names and other widths to the company as well', async () => {
		const company = {
			...XIAOMI,
			name: '小米（北京）有限公司',
			formerNames: ['老米（北京）有限公司'],
		};
		await start({ companies: [company], openRegister: false });
		const words = ['小米(北京)有限公司', '老米(北京)有限公司', '９１110108551385082Q'];
		expect(await ask(ADD_COMPANIES, { loginName: '1380', keyWordList: words.join() })).toEqual(
			answer(
				'200',
				words.map((keyWord) => ({ keyWord, keyNo: company.keyNo, status: '200', msg: '保存成功' })),
			),
		);
		expect(simulator.pairs()).toEqual([`1380 ${company.name}`]);
		expect(simulator.has('1380', '老米（北京）有限公司')).toBe(true);
	});

	test('stops following a company for everybody when an administrator removes it', async () => {
		await start({ administrators: ['1380'] });
		for (const loginName of ['1380', '1381', '1382']) simulator.assign(loginName, '甲公司');
		simulator.assign('1381', '乙公司');

		expect(await ask(CANCEL_COMPANIES, { loginName: '1381', keyWordList: '乙公司' })).toMatchObject(
			{
				result: { batchList: [{ msg: '删除成功' }] },
			},
		);
		expect(simulator.pairs()).toEqual(['1380 甲公司', '1381 甲公司', '1382 甲公司']);
		expect(await ask(CANCEL_COMPANIES, { loginName: '1380', keyWordList: '甲公司' })).toMatchObject(
			{
				result: { batchList: [{ msg: '取消关注成功' }] },
			},
		);
		expect(simulator.pairs()).toEqual([]);

		for (const loginName of ['1380', '1381', '1382']) simulator.assign(loginName, '甲公司');
		expect(await ask(CANCEL_USERS, { keyWord: '甲公司', loginNameList: '1381,1380' })).toEqual(
			answer('200', [
				{ loginName: '1381', status: '200', msg: '删除成功' },
				{ loginName: '1380', status: '200', msg: '取消关注成功' },
			]),
		);
		expect(simulator.pairs()).toEqual([]);
	});

	test('splits lists at the ASCII comma alone', async () => {
		await start();
		await ask(ADD_COMPANIES, {
			loginName: '1380',
			keyWordList: '甲公司，乙公司,丙、丁公司;戊公司',
		});
		expect(simulator.pairs()).toEqual(['1380 丙、丁公司;戊公司', '1380 甲公司，乙公司']);
	});

	test('refuses unknown login names, by the row or as a whole', async () => {
		await start({ users: ['1380'] });
		expect(await ask(ADD_COMPANIES, { loginName: '1399', keyWordList: '甲公司' })).toEqual(
			code(500, '登录名不存在'),
		);
		expect(await ask(ADD_USERS, { keyWord: '甲公司', loginNameList: '1399,1380' })).toEqual(
			answer('500', [
				{ loginName: '1399', status: '500', msg: '登录名不存在' },
				{ loginName: '1380', status: '200', msg: '保存成功' },
			]),
		);
		expect(await ask(ADD_USERS, { keyWord: '不存在公司', loginNameList: '1380' })).toEqual(
			answer('500', [{ loginName: '1380', status: '500', msg: '关键字不存在' }]),
		);
		expect(simulator.pairs()).toEqual(['1380 甲公司']);
	});

	test('refuses what already stands when told to', async () => {
		await start({ refuseRepeats: true });
		simulator.assign('1380', '甲公司');
		expect(await ask(ADD_USERS, { keyWord: '甲公司', loginNameList: '1380,1381,1381' })).toEqual(
			answer('500', [
				{ loginName: '1380', status: '500', msg: '该公司已监控' },
				{ loginName: '1381', status: '200', msg: '保存成功' },
				{ loginName: '1381', status: '500', msg: '该公司已监控' },
			]),
		);
		expect(await ask(CANCEL_USERS, { keyWord: '乙公司', loginNameList: '1380' })).toEqual(
			answer('500', [{ loginName: '1380', status: '500', msg: '未监控该公司' }]),
		);
		simulator.clear();
		expect(simulator.pairs()).toEqual([]);
	});

	test('sends every status as a number when told to', async () => {
		await start({ numericStatus: true });
		expect(await ask(ADD_USERS, { keyWord: '甲公司', loginNameList: '1380' })).toEqual({
			status: 200,
			msg: null,
			result: { batchList: [{ loginName: '1380', status: 200, msg: '保存成功' }] },
		});
		expect(await ask(ADD_USERS, { keyWord: '甲公司' })).toEqual({
			status: 204,
			msg: '请至少输入一个参数',
			result: null,
		});
	});
});

describe('who is let in', () => {
	const parameters = { loginName: '1380', keyWordList: '甲公司' };
	const forged = code(107, '被禁止的 IP 或者签名错误');

	test('accepts the signature md5sum gives for fixed values', async () => {
		await start({
			accounts: [{ appKey: 'AppKey', secretKey: 'SecretKey' }],
			now: () => 1_700_000_000_000,
		});
		// printf 'AppKey1700000000SecretKey' | md5sum
		const headers = { Timespan: '1700000000', Token: '02F36A764260A1E063F4CF3F9B13B3E4' };
		const { text, headers: got } = await exchange(target(ADD_COMPANIES, parameters, 'AppKey'), {
			headers,
		});
		expect(JSON.parse(text)).toEqual(answer('200', [companyRow('甲公司')]));
		expect(got?.date).toBe('Tue, 14 Nov 2023 22:13:20 GMT');
	});

	test('refuses a missing, lower-case, foreign or malformed signature with 107', async () => {
		await start();
		const { Timespan, Token } = signed();
		const other = signed({ ...TEST_ACCOUNT, secretKey: 'another' });
		for (const headers of [
			{},
			{ Timespan },
			{ Token },
			{ Timespan, Token: Token.toLowerCase() },
			{ Timespan, Token: other.Token },
			{ ...signed(TEST_ACCOUNT, Date.now()) },
			{ ...signed(TEST_ACCOUNT, Number.NaN) },
		]) {
			const keyWordList = JSON.stringify(headers).replaceAll(',', ' ');
			expect(await ask(ADD_COMPANIES, { loginName: '1380', keyWordList }, { headers })).toEqual(
				forged,
			);
		}
		expect(simulator.pairs()).toEqual([]);
	});

	test('lets a Timespan be off by the window and no more, by its own clock', async () => {
		const seconds = 1_800_000_000;
		await start({ now: () => seconds * 1000, clockWindow: 60 });
		const at = (offset: number) =>
			ask(
				ADD_COMPANIES,
				{ loginName: String(offset), keyWordList: '甲公司' },
				{
					headers: signed(TEST_ACCOUNT, seconds + offset),
				},
			);
		expect([await at(-61), await at(61)]).toEqual([forged, forged]);
		expect([await at(-60), await at(60)]).toEqual([
			answer('200', [companyRow('甲公司')]),
			answer('200', [companyRow('甲公司')]),
		]);
	});

	test('knows its keys and the blocked ones', async () => {
		const blocked = { appKey: 'blocked', secretKey: 's', blocked: 112 };
		await start({ accounts: [TEST_ACCOUNT, blocked] });
		const withKey = async (key: string): Promise<unknown> =>
			JSON.parse((await exchange(target(ADD_COMPANIES, parameters, key))).text);
		expect(await withKey('nobody')).toEqual(code(101, '当前的 KEY 无效或者还未生效中'));
		expect(await withKey('blocked')).toEqual(code(112, '当前账户购买额度已用完'));
	});

	test('answers 405, 404 and 414 as a web server does', async () => {
		await start({ maxUrlBytes: 200 });
		const posted = await exchange(target(ADD_COMPANIES, parameters), {
			method: 'POST',
			headers: signed(),
		});
		expect([posted.status, posted.headers?.allow]).toEqual([405, 'GET']);

		const nowhere = `/api/radar_ext/nowhere?key=${TEST_ACCOUNT.appKey}`;
		const unsigned = await exchange(nowhere);
		expect([unsigned.status, JSON.parse(unsigned.text)]).toEqual([200, forged]);
		const lost = await exchange(nowhere, { headers: signed() });
		expect([lost.status, JSON.parse(lost.text)]).toEqual([404, code(299, '无效的请求')]);

		const atLimit = `/${'x'.repeat(199)}`;
		expect((await exchange(atLimit)).status).toBe(200);
		const long = await exchange(`${atLimit}x`);
		expect([long.status, long.headers?.['content-type']]).toEqual([414, 'text/html']);
		expect(long.text).toContain('<h1>414 URI Too Long</h1>');
		expect(simulator.stats().longestUrl).toBe(201);
		expect(simulator.calls.map((call) => call.answer)).toEqual([
			'http:405',
			107,
			'http:404',
			101,
			'http:414',
		]);
	});

	test('answers a long URL with the fault it was given', async () => {
		await start({ maxUrlBytes: 10, urlFault: { kind: 'http', status: 400 } });
		expect((await exchange('/'.repeat(11))).status).toBe(400);
	});

	test('takes URLs far longer than the 16 KiB of a Node server', async () => {
		await start();
		const names = Array.from({ length: 200 }, (_, n) => `${'长'.repeat(30)}${n}`);
		expect(await ask(ADD_COMPANIES, { loginName: '1380', keyWordList: names.join(',') })).toEqual(
			answer('200', names.map(companyRow)),
		);
		expect(simulator.stats().longestUrl).toBeGreaterThan(50_000);
	});

	test('serves further signed endpoints', async () => {
		await start({
			extraEndpoints: { '/api/other': (query) => ({ echo: query.get('q') }) },
		});
		const path = `/api/other?key=${TEST_ACCOUNT.appKey}&q=1`;
		expect(JSON.parse((await exchange(path)).text)).toEqual(forged);
		expect(JSON.parse((await exchange(path, { headers: signed() })).text)).toEqual({ echo: '1' });
		expect(
			simulator.calls.map(({ endpoint, action, answer: sent }) => [endpoint, action, sent]),
		).toEqual([
			['/api/other', 'other', 107],
			['/api/other', 'other', 200],
		]);
	});
});

describe('parameters', () => {
	test.each([
		['no list', ADD_COMPANIES, { loginName: '1380' }, 204, '请至少输入一个参数'],
		['no centre', ADD_USERS, { loginNameList: '1380' }, 204, '请至少输入一个参数'],
		[
			'an empty list',
			ADD_COMPANIES,
			{ loginName: '1380', keyWordList: '' },
			202,
			'查询参数错误，请检查',
		],
		[
			'a blank centre',
			ADD_COMPANIES,
			{ loginName: ' ', keyWordList: '甲公司' },
			202,
			'查询参数错误，请检查',
		],
		[
			'an empty login name',
			ADD_USERS,
			{ keyWord: '甲公司', loginNameList: '1380,' },
			202,
			'查询参数错误，请检查',
		],
		[
			'a short keyword',
			ADD_COMPANIES,
			{ loginName: '1380', keyWordList: '甲公司,乙' },
			213,
			'参数长度不能小于 2',
		],
		[
			'an empty keyword',
			ADD_COMPANIES,
			{ loginName: '1380', keyWordList: '甲公司,,乙公司' },
			213,
			'参数长度不能小于 2',
		],
		[
			'one wide character',
			ADD_USERS,
			{ keyWord: '𠮷', loginNameList: '1380' },
			213,
			'参数长度不能小于 2',
		],
		[
			'a poisoned value',
			ADD_COMPANIES,
			{ loginName: '1380', keyWordList: '甲公司,毒公司' },
			215,
			'不支持的查询关键字',
		],
		[
			'a poisoned centre',
			ADD_USERS,
			{ keyWord: '毒公司', loginNameList: '1380' },
			215,
			'不支持的查询关键字',
		],
	])('answers %s without rows', async (_, endpoint, parameters, status, msg) => {
		await start({ poison: { 毒公司: 215 } });
		expect(await ask(endpoint, parameters)).toEqual(code(status, msg));
		expect(simulator.pairs()).toEqual([]);
	});

	test.each([
		[ADD_COMPANIES, 'loginName', 'keyWordList', 200],
		[CANCEL_COMPANIES, 'loginName', 'keyWordList', 200],
		[ADD_USERS, 'keyWord', 'loginNameList', 500],
		[CANCEL_USERS, 'keyWord', 'loginNameList', 500],
	])('%s takes its cap and no more', async (endpoint, centre, list, cap) => {
		await start();
		const values = Array.from({ length: cap + 1 }, (_, n) => `value ${n}`);
		expect(await ask(endpoint, { [centre]: 'centre', [list]: values.join(',') })).toEqual(
			code(207, '请求数据的条目数超过上限（5000）'),
		);
		expect(simulator.stats().rows).toBe(0);
		expect(
			await ask(endpoint, { [centre]: 'centre', [list]: values.slice(1).join(',') }),
		).toMatchObject({ status: '200' });
		expect(simulator.stats().rows).toBe(cap);
	});

	test('answers 108 to a query that is not percent-encoded UTF-8', async () => {
		await start();
		const base = `/api/radar_ext/${ADD_COMPANIES}?key=${TEST_ACCOUNT.appKey}&loginName=1380&keyWordList=`;
		for (const bad of ['%E7%94', '100%']) {
			const { text } = await exchange(base + bad, { headers: signed() });
			expect(JSON.parse(text)).toEqual(code(108, '请求格式错误，请重试'));
		}
		expect(await exchange(`${base}caf\xe9`, { headers: signed() })).toMatchObject({ status: 400 });
	});
});

describe('limits', () => {
	test.each<[string, Fault | undefined, Partial<Exchange>]>([
		['109', undefined, { status: 200, text: JSON.stringify(code(109, '请求超过系统限制')) }],
		[
			'429',
			{ kind: 'http', status: 429, headers: { 'Retry-After': '2' }, body: 'slow' },
			{ status: 429, text: 'slow' },
		],
	])('refuses the sixth call in flight with %s, and no other', async (_, overLimit, expected) => {
		await start({
			...(overLimit && { overLimit }),
			faults: ({ n }) => (n <= 5 ? { kind: 'hang', when: 'after' } : undefined),
		});
		const leaving = new AbortController();
		const at = (n: number, signal?: AbortSignal) =>
			exchange(target(ADD_COMPANIES, { loginName: '1380', keyWordList: `公司${n}` }), {
				headers: signed(),
				...(signal && { signal }),
			});
		const five = [1, 2, 3, 4, 5].map((n) => at(n, leaving.signal));
		await until(() => simulator.calls.length === 5);

		expect(await at(6)).toMatchObject(expected);

		leaving.abort();
		expect((await Promise.all(five)).map(({ broke }) => broke)).toEqual(
			Array.from({ length: 5 }, () => 'ABORT_ERR'),
		);
		await until(() => simulator.calls.every(({ endedAt }) => endedAt !== undefined));
		expect(JSON.parse((await at(7)).text)).toEqual(answer('200', [companyRow('公司7')]));
		expect(simulator.pairs()).toEqual([1, 2, 3, 4, 5, 7].map((n) => `1380 公司${n}`));
		expect(simulator.calls.map(({ inFlight }) => inFlight)).toEqual([1, 2, 3, 4, 5, 6, 1]);
		expect(simulator.stats()).toMatchObject({ calls: 7, refused: 1, rows: 6, maxInFlight: 6 });
	});

	test('counts each key by itself', async () => {
		const second = { appKey: 'second', secretKey: 'second secret' };
		await start({
			accounts: [TEST_ACCOUNT, second],
			concurrency: 1,
			faults: ({ n }) => (n === 1 ? { kind: 'hang', when: 'before' } : undefined),
		});
		const parameters = { loginName: '1380', keyWordList: '甲公司' };
		const hanging = exchange(target(ADD_COMPANIES, parameters), { headers: signed() });
		await until(() => simulator.calls.length === 1);
		const { text } = await exchange(target(ADD_COMPANIES, parameters, second.appKey), {
			headers: signed(second),
		});
		expect(JSON.parse(text)).toEqual(answer('200', [companyRow('甲公司')]));
		await simulator.close();
		expect((await hanging).broke).toBe('ECONNRESET');
		await start();
	});

	test('locks a query that failed five times in a row for two hours, and only that', async () => {
		let now = 1_800_000_000_000;
		await start({ now: () => now, faults: planOf([{ every: true, fault: failure(503) }]) });
		const query = (keyWordList = '甲公司') =>
			ask(
				ADD_COMPANIES,
				{ loginName: '1380', keyWordList },
				{
					headers: signed(TEST_ACCOUNT, Math.floor(now / 1000)),
				},
			);
		const locked = code(110, '当前相同查询连续出错，请等 2小时后重试');
		const fine = answer('200', [companyRow('甲公司')]);

		for (let n = 0; n < 4; n += 1) await expect(query()).rejects.toThrow(SyntaxError);
		simulator.faults = undefined;
		expect(await query()).toEqual(fine);

		simulator.faults = planOf([{ every: true, fault: { kind: 'code', code: 203 } }]);
		for (let n = 0; n < 5; n += 1) {
			expect(await query()).toEqual(code(203, '系统查询有异常，请联系技术人员'));
		}
		simulator.faults = undefined;
		expect(await query()).toEqual(locked);
		expect(await query('乙公司')).toEqual(answer('200', [companyRow('乙公司')]));
		expect(simulator.stats()).toMatchObject({ repeats: 11, locked: 1 });

		now += 2 * 60 * 60 * 1000 - 1;
		expect(await query()).toEqual(locked);
		now += 1;
		expect(await query()).toEqual(fine);
	});

	test.each<[string, Fault]>([
		['109', { kind: 'code', code: 109 }],
		['HTTP 429', failure(429)],
	])('does not lock a query for %s', async (_, fault) => {
		await start({ lockAfter: 2, faults: ({ n }) => (n <= 3 ? fault : undefined) });
		const parameters = { loginName: '1380', keyWordList: '甲公司' };
		for (let n = 0; n < 3; n += 1) {
			await exchange(target(ADD_COMPANIES, parameters), { headers: signed() });
		}
		expect(await ask(ADD_COMPANIES, parameters)).toEqual(answer('200', [companyRow('甲公司')]));
	});

	test('locks after wrong signatures too', async () => {
		await start({ lockAfter: 2 });
		const parameters = { loginName: '1380', keyWordList: '甲公司' };
		await ask(ADD_COMPANIES, parameters, { headers: {} });
		await ask(ADD_COMPANIES, parameters, { headers: {} });
		expect(await ask(ADD_COMPANIES, parameters)).toMatchObject({ status: '110' });
		simulator.resetStats();
		expect(await ask(ADD_COMPANIES, parameters)).toMatchObject({ status: '200' });
	});
});

function failure(status: number): Fault {
	return { kind: 'http', status };
}

describe('faults', () => {
	const one = () => target(ADD_COMPANIES, { loginName: '1380', keyWordList: '甲公司' });
	const whole = JSON.stringify(answer('200', [companyRow('甲公司')]));
	const half = Buffer.from(whole)
		.subarray(0, Math.floor(Buffer.byteLength(whole) / 2))
		.toString();

	const html = (title: string) =>
		`<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;

	test.each<[Fault, Exchange, { committed: boolean; label: string | number }]>([
		[
			{ kind: 'reset', when: 'before' },
			{ text: '', broke: 'ECONNRESET' },
			{ committed: false, label: 'fault:reset' },
		],
		[
			{ kind: 'reset', when: 'after' },
			{ text: '', broke: 'ECONNRESET' },
			{ committed: true, label: 'fault:reset' },
		],
		[
			{ kind: 'truncate', when: 'before' },
			{ status: 200, text: half },
			{ committed: false, label: 'fault:truncate' },
		],
		[
			{ kind: 'truncate', when: 'after' },
			{ status: 200, text: half },
			{ committed: true, label: 'fault:truncate' },
		],
		[
			{ kind: 'truncate', when: 'after', contentLength: true },
			{ status: 200, text: half, broke: 'ECONNRESET' },
			{ committed: true, label: 'fault:truncate' },
		],
		[
			{ kind: 'http', status: 502 },
			{ status: 502, text: html('502 Bad Gateway') },
			{ committed: false, label: 'http:502' },
		],
		[
			{ kind: 'http', status: 500, body: 'oops', when: 'after' },
			{ status: 500, text: 'oops' },
			{ committed: true, label: 'http:500' },
		],
		[
			{ kind: 'html' },
			{ status: 200, text: html('200 OK') },
			{ committed: false, label: 'fault:html' },
		],
		[
			{ kind: 'body', body: '[1' },
			{ status: 200, text: '[1' },
			{ committed: false, label: 'fault:body' },
		],
		[
			{ kind: 'body', body: Buffer.from('{}'), when: 'after' },
			{ status: 200, text: '{}' },
			{ committed: true, label: 'fault:body' },
		],
		[
			{ kind: 'code', code: 104 },
			{ status: 200, text: '{"status":"104","msg":"接口正在维护中","result":null}' },
			{ committed: false, label: 104 },
		],
		[
			{ kind: 'code', code: 120, when: 'after' },
			{ status: 200, text: '{"status":"120","msg":null,"result":null}' },
			{ committed: true, label: 120 },
		],
		[
			{ kind: 'code', code: '坏', msg: '话' },
			{ status: 200, text: '{"status":"坏","msg":"话","result":null}' },
			{ committed: false, label: 'fault:code' },
		],
		[
			{ kind: 'redirect', location: 'http://127.0.0.1:9/' },
			{ status: 302, text: html('302 Found') },
			{ committed: false, label: 'http:302' },
		],
	])('%j', async (fault, { status, text, broke }, { committed, label }) => {
		await start({ faults: planOf([{ call: 1, fault }]) });
		const got = await exchange(one(), { headers: signed() });
		expect([got.status, got.text, got.broke]).toEqual([status, text, broke]);
		expect(simulator.pairs()).toEqual(committed ? ['1380 甲公司'] : []);
		expect(simulator.calls.map((call) => call.answer)).toEqual([label]);
		if (fault.kind === 'redirect') expect(got.headers?.location).toBe(fault.location);

		const next = await exchange(one(), { headers: signed() });
		expect([next.status, next.text]).toEqual([200, whole]);
	});

	test.each([
		['before', []],
		['after', ['1380 甲公司']],
	] as const)('hangs %s the commit until the client goes', async (when, pairs) => {
		await start({ faults: () => ({ kind: 'hang', when }) });
		const leaving = new AbortController();
		const hanging = exchange(one(), { headers: signed(), signal: leaving.signal });
		await until(() => simulator.calls[0]?.answer === 'fault:hang');
		expect(simulator.pairs()).toEqual(pairs);
		expect(simulator.calls[0]?.endedAt).toBeUndefined();
		leaving.abort();
		expect(await hanging).toEqual({ text: '', broke: 'ABORT_ERR' });
		await until(() => simulator.calls[0]?.endedAt !== undefined);
	});

	test.each([
		['before', []],
		['after', ['1380 甲公司']],
	] as const)('drips %s the commit, never whole JSON', async (when, pairs) => {
		await start({ faults: () => ({ kind: 'drip', everyMs: 1, when }) });
		const leaving = new AbortController();
		let come = '';
		const dripping = exchange(one(), {
			headers: signed(),
			signal: leaving.signal,
			onText: (text) => {
				come = text;
				if (Buffer.byteLength(text) > Buffer.byteLength(whole) + 2) leaving.abort();
			},
		});
		expect((await dripping).broke).toBe('ABORT_ERR');
		expect(come.trimEnd()).toBe(whole.slice(0, -1));
		expect(simulator.pairs()).toEqual(pairs);
	});

	test('commits what a client asked for that did not wait', async () => {
		let arrived = false;
		await start({
			latency: () => {
				arrived = true;
				return 20;
			},
		});
		const leaving = new AbortController();
		const impatient = exchange(one(), { headers: signed(), signal: leaving.signal });
		await until(() => arrived);
		leaving.abort();
		await impatient;
		await until(() => simulator.has('1380', '甲公司'));
		expect(simulator.calls.map((call) => call.answer)).toEqual([undefined]);
	});

	describe('rows', () => {
		const sent = ['甲（北京）公司', '乙 公司', 'C & Co'];
		const row = (keyWord: string, of = keyWord) => ({ ...companyRow(of), keyWord });
		const failed = (keyWord: string) => ({ ...row(keyWord), status: '500' });
		const [first, second, third] = sent as [string, string, string];

		test.each<[string, RowChange, unknown[]]>([
			['normalised', normaliseRows, [row('甲(北京)公司', first), row(second), row(third)]],
			[
				'widened',
				widenRows,
				[row(first), row('乙\u3000公司', second), row('Ｃ\u3000＆\u3000Ｃｏ', third)],
			],
			['dropped', dropRows(2), [row(third)]],
			['duplicated', duplicateRows, sent.flatMap((name) => [row(name), row(name)])],
			['foreign', addForeignRow, [row('他人的公司', first), ...sent.map((name) => row(name))]],
			['contradicted', contradictRows, sent.flatMap((name) => [row(name), failed(name)])],
			['not rows at all', () => [null, 7], [null, 7]],
		])('%s', async (_, change, rows) => {
			await start({ faults: () => ({ kind: 'rows', change }) });
			const got = await ask(ADD_COMPANIES, { loginName: '1380', keyWordList: sent.join(',') });
			expect(got).toEqual(answer('200', rows));
			expect(simulator.pairs()).toEqual([`1380 ${third}`, `1380 ${second}`, `1380 ${first}`]);
			expect(simulator.calls.map((call) => call.answer)).toEqual(['fault:rows']);
		});

		test('shuffles by a seed, losing none', () => {
			const rows = Array.from({ length: 50 }, (_, n): AnswerRow => ({
				loginName: String(n),
				status: '200',
				msg: '',
			}));
			const once = shuffleRows(1)(rows);
			expect(once).not.toEqual(rows);
			expect(shuffleRows(1)(rows)).toEqual(once);
			expect(shuffleRows(2)(rows)).not.toEqual(once);
			expect(new Set(once)).toEqual(new Set(rows));
		});
	});

	test('asks the plan once for each call let in, and can be replaced', async () => {
		await start();
		const asked: number[] = [];
		simulator.faults = ({ n }) => {
			asked.push(n);
			return undefined;
		};
		await ask(ADD_COMPANIES, { loginName: '1380', keyWordList: '甲公司' });
		await ask(ADD_COMPANIES, { loginName: '1381', keyWordList: '甲公司' }, { headers: {} });
		await ask(ADD_COMPANIES, { loginName: '1382', keyWordList: '甲公司' });
		expect(asked).toEqual([1, 3]);
	});
});

describe('records', () => {
	test('keeps each call and sums them up, until reset', async () => {
		const ended: number[] = [];
		await start({ onCall: ({ n }) => ended.push(n) });
		const parameters = { loginName: '1380', keyWordList: '甲公司,乙公司' };
		const headers = signed();
		await ask(ADD_COMPANIES, parameters, { headers });
		await ask(ADD_COMPANIES, parameters, { headers });
		await until(() => ended.length === 2);

		const [call] = simulator.calls;
		const urlBytes = target(ADD_COMPANIES, parameters).length;
		expect(call).toEqual({
			n: 1,
			method: 'GET',
			endpoint: ADD_COMPANIES,
			action: 'assign',
			shape: 'user',
			centre: '1380',
			values: ['甲公司', '乙公司'],
			key: TEST_ACCOUNT.appKey,
			urlBytes,
			headers: {
				host: new URL(simulator.url).host,
				connection: 'keep-alive',
				timespan: headers.Timespan,
				token: headers.Token,
			},
			startedAt: expect.any(Number) as number,
			endedAt: expect.any(Number) as number,
			inFlight: 1,
			answer: 'rows',
		});
		expect(simulator.stats()).toEqual({
			calls: 2,
			refused: 0,
			rows: 4,
			maxInFlight: 1,
			longestUrl: urlBytes,
			repeats: 2,
			locked: 0,
		});

		simulator.resetStats();
		expect(simulator.calls).toEqual([]);
		expect(simulator.stats()).toEqual({
			calls: 0,
			refused: 0,
			rows: 0,
			maxInFlight: 0,
			longestUrl: 0,
			repeats: 0,
			locked: 0,
		});
		expect(simulator.pairs()).toEqual(['1380 乙公司', '1380 甲公司']);
	});
});

describe('stand-alone', () => {
	let child: ChildProcess | undefined;

	afterEach(() => {
		child?.kill('SIGKILL');
	});

	test('prints where it is and each call, obeys its control routes, and ends on SIGINT', async () => {
		await start();
		child = spawn(
			process.execPath,
			['--import', 'tsx', 'test/simulator/main.ts', '--port', '0', '--users', '1380,1381'],
			{ stdio: ['ignore', 'pipe', 'inherit'] },
		);
		let printed = '';
		child.stdout?.on('data', (chunk: Buffer) => {
			printed += chunk.toString();
		});
		await until(() => printed.includes('SecretKey') && printed.endsWith('\n'));
		const url = /http:\/\/127\.0\.0\.1:\d+/.exec(printed)?.[0] ?? '';
		expect(printed).toBe(
			`Base URL   ${url}\nAppKey     ${TEST_ACCOUNT.appKey}\nSecretKey  ${TEST_ACCOUNT.secretKey}\n`,
		);
		const json = async (path: string, init?: RequestInit): Promise<unknown> =>
			(await fetch(url + path, init)).json();
		const control = (route: string, body?: unknown) =>
			json(
				`/_simulator/${route}`,
				body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) },
			);
		const query = target(ADD_USERS, { keyWord: '甲公司', loginNameList: '1380,1382' });
		const call = () => json(query, { headers: signed() });

		expect(await control('faults', [{ call: 1, fault: { kind: 'hang' } }])).toEqual({
			error: 'Not a list of { call | every, fault } as --help shows it',
		});
		const plan = [
			{ call: 2, fault: { kind: 'code', code: 104 } },
			{ every: true, fault: { kind: 'code', code: 199, when: 'after' } },
		];
		expect(await control('faults', plan)).toEqual(plan);
		expect(await call()).toEqual(code(199, '系统未知错误，请联系技术客服'));
		expect(await call()).toEqual(code(104, '接口正在维护中'));
		expect(await control('ledger')).toEqual(['1380 甲公司']);
		expect(await control('stats')).toMatchObject({ calls: 2, rows: 2, repeats: 2 });
		expect(await control('calls')).toMatchObject([{ answer: 199 }, { answer: 104 }]);
		expect(await control('reset', {})).toMatchObject({ calls: 0 });
		expect(await control('ledger')).toEqual([]);
		expect(await control('nothing')).toEqual({ error: 'No such control route' });
		expect(await call()).toMatchObject({ status: '500', msg: null });

		const line = (n: number, sent: string) =>
			`#${n} assign company 甲公司 × 2 → ${sent} (T ms, ${query.length} B, 1 in flight)`;
		await until(() => printed.split('\n').length === 7);
		expect(
			printed
				.replace(/\(\d+ ms/g, '(T ms')
				.split('\n')
				.slice(3),
		).toEqual([line(1, '199'), line(2, '104'), line(1, 'rows'), '']);
		child.kill('SIGINT');
		expect(await once(child, 'exit')).toEqual([0, null]);
	});
});

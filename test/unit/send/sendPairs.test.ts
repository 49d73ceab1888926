import type { Account } from '../../../nodes/QccRadar/account/account';
import { PairTable } from '../../../nodes/QccRadar/read/pairs';
import { sendPairs } from '../../../nodes/QccRadar/send/sendPairs';
import { FakeQcc } from '../../harness/fakeQcc';
import { settingsOf } from '../../harness/settings';
import { VirtualTime } from '../../harness/virtualTime';

const accountOf = (id: string, signer: string): Account => ({
	baseUrl: 'https://pro.qcc.com',
	keyBytes: 20,
	id,
	signer,
	send: () => Promise.reject(new Error('Nothing goes by here')),
	redactor: () => (words) => words,
});

function starsOf(users: number): {
	pairs: PairTable;
	stars: { shape: 'user'; centre: string; pairs: number[] }[];
} {
	const pairs = new PairTable();
	const stars = Array.from({ length: users }, (_, i) => ({
		shape: 'user' as const,
		centre: `138${i}`,
		pairs: [pairs.add(`138${i}`, '甲公司')],
	}));
	return { pairs, stars };
}

test('a run that takes long leaves a line every ten seconds, with counts and without names', async () => {
	const time = new VirtualTime();
	const qcc = new FakeQcc(time, 1_000);
	const lines: string[] = [];
	const settings = settingsOf({
		exchange: qcc.exchange,
		log: (line) => {
			lines.push(`${time.now() / 1000} s: ${line}`);
		},
	});
	const { outcomes, calls } = await time.run(
		sendPairs(
			{ action: 'assign', ...starsOf(120), grouping: 'user' },
			accountOf('a', 'a'),
			settings,
			time,
		),
	);
	expect([outcomes.length, calls]).toEqual([120, 120]);
	expect(
		lines.map((line) => line.replace(/\d+ of 120|\d+ calls/g, (text) => text.replace(/^\d+/, 'n'))),
	).toEqual([
		'10 s: QCC Radar: n of 120 rows answered, n calls sent',
		'20 s: QCC Radar: n of 120 rows answered, n calls sent',
	]);
	expect(time.isIdle).toBe(true);
});

test('a run that is cancelled while it is planned is told of all its pairs, and leaves nothing behind', async () => {
	const time = new VirtualTime();
	const cancel = AbortSignal.abort();
	const { pairs } = starsOf(3);
	const { outcomes, calls } = await time.run(
		sendPairs(
			{ action: 'assign', pairs, stars: [], grouping: 'user' },
			accountOf('a', 'a'),
			settingsOf({ cancel }),
			time,
		),
	);
	expect(outcomes.map(({ outcome }) => outcome)).toEqual(['notSent', 'notSent', 'notSent']);
	expect([calls, time.isIdle]).toEqual([0, true]);
});

test('different secrets of one AppKey share the five places, and no call', async () => {
	const time = new VirtualTime();
	const qcc = new FakeQcc(time, 300);
	const send = (signer: string, company: string) => {
		const pairs = new PairTable();
		pairs.add('138', company);
		return sendPairs(
			{
				action: 'assign',
				pairs,
				stars: [{ shape: 'user', centre: '138', pairs: [0] }],
				grouping: 'user',
			},
			accountOf('one', signer),
			settingsOf({ exchange: qcc.exchange }),
			time,
		);
	};
	const asked = Array.from({ length: 40 }, (_, i) => send(i % 2 ? 'right' : 'wrong', `公司${i}`));
	await time.run(Promise.all(asked));
	expect(qcc.calls.length).toBeGreaterThan(1);
	expect(qcc.mostInFlight).toBeLessThanOrEqual(5);
	for (const { names } of qcc.calls) {
		expect(new Set(names.map((name) => Number(name.slice(2)) % 2)).size).toBe(1);
	}
});

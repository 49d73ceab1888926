import assert from 'node:assert/strict';

import { ANNA, readExample, XIAOMI, type Bench } from './bench';

/** 05: one message to each group, and a run that fails when a bot refuses it. */
export async function groupMessage({ server, simulator, outside }: Bench): Promise<void> {
	const workflow = await readExample('05-feishu-wecom-alert');
	const run = async () => {
		outside.visits.length = 0;
		const { status, error } = await server.runWorkflow(workflow);
		const messages = outside.visits.map(({ url, body }) => [url.href, JSON.parse(body) as unknown]);
		return { status, error: error?.message, messages };
	};
	const text = `企查查监控：1 行未完成 (rows not done)\n${ANNA} 测试不存在 关键字不存在`;
	const messages = [
		[
			'https://open.feishu.cn/open-apis/bot/v2/hook/YOUR_BOT',
			{ msg_type: 'text', content: { text } },
		],
		[
			'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=YOUR_BOT',
			{ msgtype: 'text', text: { content: text } },
		],
	];
	assert.deepEqual(await run(), { status: 'success', error: undefined, messages });
	assert.deepEqual(simulator.pairs(), [`${ANNA} ${XIAOMI}`]);

	outside.wecom = { errcode: 93000, errmsg: 'invalid webhook url' };
	assert.deepEqual(await run(), {
		status: 'error',
		error: 'The bot refused the message: invalid webhook url',
		messages,
	});
}

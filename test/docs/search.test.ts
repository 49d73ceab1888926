import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Codex {
	readonly alias: readonly string[];
	readonly resources: Readonly<Record<string, readonly { readonly url: string }[]>>;
}

const FILE = join(__dirname, '../../nodes/QccRadar/QccRadar.node.json');
const { alias, resources } = JSON.parse(readFileSync(FILE, 'utf8')) as Codex;

test.each(['企业监控', '雷达', '尽调', '企查查', '企查查专业版', 'qcc', 'qcc pro', 'monitoring'])(
	'the node search finds the node by %s',
	(words) => {
		expect(alias.map((name) => name.toLowerCase())).toContain(words);
	},
);

test('the codex has the resources without which n8n drops it', () => {
	expect(Object.keys(resources)).toEqual(['credentialDocumentation', 'primaryDocumentation']);
});

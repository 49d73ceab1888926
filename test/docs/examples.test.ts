import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import type { INode, IWorkflowBase } from 'n8n-workflow';

const FOLDER = join(__dirname, '../../examples');
const NOTE = 'n8n-nodes-base.stickyNote';
const NODE = 96;
/** Two lines of name and one of subtitle. */
const LABEL = 64;

interface Box {
	readonly name: string;
	readonly left: number;
	readonly top: number;
	readonly right: number;
	readonly bottom: number;
}

/** What a node takes of the canvas, its name below included. */
function boxOf({ name, type, position: [left, top], parameters }: INode): Box {
	const [width, height] =
		type === NOTE ? [Number(parameters.width), Number(parameters.height)] : [NODE, NODE + LABEL];
	return { name, left, top, right: left + width, bottom: top + height };
}

function overlap(one: Box, other: Box): boolean {
	return (
		one.left < other.right &&
		other.left < one.right &&
		one.top < other.bottom &&
		other.top < one.bottom
	);
}

/** What a note says that has one form in every language: code, options, addresses, numbers. */
function termsOf(note: string): string[] {
	const patterns = [/`[^`]+`/g, /(?<!\*)\*[^*]+\*(?!\*)/g, /\]\(\S+?\)/g, /\d+(?:[.:]\d+)*/g];
	return [...new Set(patterns.flatMap((pattern) => note.match(pattern) ?? []))].sort();
}

const WORKFLOWS = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));

describe.each(WORKFLOWS)('examples/%s', (file) => {
	const workflow = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as IWorkflowBase;
	const { nodes, connections } = workflow;
	const at = (name: string) => nodes.find((node) => node.name === name)?.position;

	test('holds no data, no secrets, and no ids of another server', () => {
		expect(Object.keys(workflow)).toEqual(['name', 'nodes', 'connections', 'settings']);
		const credentials = nodes.flatMap((node) => Object.values(node.credentials ?? {}));
		expect(credentials.length).toBeGreaterThan(0);
		for (const credential of credentials) {
			expect(credential).toEqual({ id: null, name: expect.any(String) as string });
		}
	});

	test('runs by China’s clock where a clock starts it', () => {
		const scheduled = nodes.some(({ type }) => type === 'n8n-nodes-base.scheduleTrigger');
		expect(workflow.settings).toEqual({
			executionOrder: 'v1',
			...(scheduled ? { timezone: 'Asia/Shanghai' } : {}),
		});
	});

	test('says the same in English and in Chinese', () => {
		const notes = nodes.filter(({ type }) => type === NOTE);
		expect(notes).toHaveLength(2);
		const [english = '', chinese = ''] = notes.map(
			({ parameters }) => parameters.content as string,
		);
		expect(english).toMatch(/^## .+\n\*\*Set:\*\* /);
		expect(chinese).toMatch(/^## .+\n\*\*设置：\*\* /);
		expect(chinese.split('\n\n')).toHaveLength(english.split('\n\n').length);
		expect(termsOf(chinese)).toEqual(termsOf(english));
		const named = (note: string) =>
			nodes.map(({ name }) => name).filter((name) => note.includes(`**${name}**`));
		expect(named(chinese)).toEqual(named(english));
	});

	test('is laid out from left to right, nothing over anything else', () => {
		const boxes = nodes.map(boxOf);
		const overlaps = boxes.flatMap((one, i) =>
			boxes
				.slice(i + 1)
				.filter((other) => overlap(one, other))
				.map((other) => `${one.name} / ${other.name}`),
		);
		expect(overlaps).toEqual([]);
		const backwards = Object.entries(connections).flatMap(([from, { main = [] }]) =>
			main
				.flatMap((links) => links ?? [])
				.filter(({ node }) => (at(node)?.[0] ?? 0) <= (at(from)?.[0] ?? 0))
				.map(({ node }) => `${from} / ${node}`),
		);
		expect(backwards).toEqual([]);
	});
});

test('examples/03: of two changes of a company the later counts, however the number between is written', () => {
	const workflow = JSON.parse(
		readFileSync(join(FOLDER, '03-crm-webhook.json'), 'utf8'),
	) as IWorkflowBase;
	const code = workflow.nodes.find(({ name }) => name === 'Read the changes')?.parameters.jsCode;
	if (typeof code !== 'string') throw new Error('The example reads no changes');
	const read = (body: unknown): unknown =>
		runInNewContext(`JSON.stringify((() => { ${code} })())`, {
			$input: { first: () => ({ json: { body } }) },
		});
	const company = '甲公司';
	for (const between of [
		'+86 139-0013-9000',
		'0086 13900139000',
		'（+86）13900139000',
		13900139000,
	]) {
		const changes = [
			{ company, oldLoginName: '13800138000', newLoginName: '13900139000' },
			{ company, oldLoginName: between, newLoginName: '13700137000' },
		];
		expect(JSON.parse(String(read(changes)))).toEqual([
			{
				json: {
					desired: [{ loginName: '13700137000', keyWord: company }],
					current: [
						{ loginName: '13800138000', keyWord: company, assigned: null },
						{ loginName: String(between), keyWord: company, assigned: null },
					],
				},
			},
		]);
	}
});

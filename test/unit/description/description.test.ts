import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';
import { QccRadarApi } from '../../../credentials/QccRadarApi.credentials';
import { QccRadar } from '../../../nodes/QccRadar/QccRadar.node';

type Choice = INodePropertyOptions | INodeProperties | INodePropertyCollection;

/** What a saved workflow holds on to: names, types, values, defaults, and when a parameter exists. */
function contractOf(choice: Choice): unknown {
	if ('value' in choice) return choice.value;
	if (!('type' in choice)) return choice.name;
	const { name, type, default: initial, displayOptions, options } = choice;
	return {
		name,
		type,
		default: initial,
		...(displayOptions ? { displayOptions } : {}),
		...(options ? { options: options.map(contractOf) } : {}),
	};
}

/**
 * A saved workflow holds names and values, and relies on defaults for all it does not hold. What
 * changes here breaks workflows or changes what they do: it needs a new version of the node.
 */
test('saved workflows find the node as they left it', () => {
	const { name, version, inputs, outputs, credentials, properties } = new QccRadar().description;
	expect({
		name,
		version,
		inputs,
		outputs,
		credentials,
		properties: properties.filter(({ type }) => type !== 'notice').map(contractOf),
	}).toMatchSnapshot();
});

test('saved credentials find their type as they left it', () => {
	const { name, properties } = new QccRadarApi();
	expect({ name, properties: properties.map(contractOf) }).toMatchSnapshot();
});

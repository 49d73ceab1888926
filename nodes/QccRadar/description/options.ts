import type { INodeProperties } from 'n8n-workflow';
import { ENDPOINTS, MAX_CONCURRENCY } from '../qcc/endpoints';

const MOST_ROWS = ENDPOINTS.company.cap;
/** Milliseconds: what a timer of Node can hold. */
const MAX_TIMER = 2 ** 31 - 1;

/** Their defaults and ranges are the only ones: the node reads them from here. */
export const optionsDescription: INodeProperties[] = [
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add Option',
		default: {},
		options: [
			{
				displayName: 'Batch Size',
				name: 'batchSize',
				type: 'number',
				typeOptions: {
					minValue: 1,
					maxValue: MOST_ROWS,
					numberPrecision: 0,
				},
				default: MOST_ROWS,
				description:
					'Most rows in one call. QCC takes 200 companies for one user and 500 users for one company; a higher value is lowered to these.',
			},
			{
				displayName: 'Dry Run',
				name: 'dryRun',
				type: 'boolean',
				default: false,
				description:
					'Whether to send nothing and return what would be sent: each row with the number of the call it would travel in',
			},
			{
				displayName: 'Fail on Rejected Rows',
				name: 'failOnRejectedRows',
				type: 'boolean',
				default: false,
				description:
					'Whether to fail the node when QCC rejects rows, after all calls were made. Otherwise a rejected row is an item with “success” false.',
			},
			{
				displayName: 'Include Input Fields',
				name: 'includeInputFields',
				type: 'boolean',
				default: false,
				description:
					'Whether to add each input item’s own fields to its output. Where names meet, the node’s fields win.',
			},
			{
				displayName: 'Leave Out Unchanged Rows',
				name: 'leaveOutUnchanged',
				type: 'boolean',
				default: false,
				description:
					'Whether to put out only what the ledger has to learn: rows that are as desired and stay in it are left out. Apply such output to the ledger, it does not replace it.',
				displayOptions: { show: { '/operation': ['sync'] } },
			},
			{
				displayName: 'Max Concurrency',
				name: 'maxConcurrency',
				type: 'number',
				typeOptions: {
					minValue: 1,
					maxValue: MAX_CONCURRENCY,
					numberPrecision: 0,
				},
				default: MAX_CONCURRENCY,
				description:
					'Most calls of this node under way at once. QCC allows 5 for the whole account; lower it when other programs use the same AppKey.',
			},
			{
				displayName: 'Max Removals (Percent)',
				name: 'maxRemovals',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: 100 },
				default: 30,
				description:
					'Most of Current that a sync may remove. If there is more to remove, nothing is removed: an incomplete export must not end the monitoring. 100 allows any number.',
				displayOptions: { show: { '/operation': ['sync'] } },
			},
			{
				displayName: 'Max URL Length',
				name: 'maxUrlLength',
				type: 'number',
				typeOptions: { minValue: 0, numberPrecision: 0 },
				default: 0,
				description:
					'Most bytes of a call’s URL, for proxies that refuse long ones. With 0 the limit is learned from refusals.',
			},
			{
				displayName: 'Retry For (Seconds)',
				name: 'retryFor',
				type: 'number',
				typeOptions: { minValue: 0 },
				default: 300,
				description:
					'How long one call may go on being retried after faults that can pass: a lost connection, a busy server, too many calls at once. 0 stands for 300.',
			},
			{
				displayName: 'Timeout (Milliseconds)',
				name: 'timeout',
				type: 'number',
				typeOptions: { minValue: 0, maxValue: MAX_TIMER, numberPrecision: 0 },
				default: 60000,
				description:
					'How long one call may take, from its start to the last byte of its answer. 0 stands for 60000.',
			},
		],
	},
];

import type { INodeProperties } from 'n8n-workflow';

const onlyAssignment = { resource: ['assignment'] };

export const assignmentDescription: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: onlyAssignment },
		options: [
			{
				name: 'Create',
				value: 'create',
				description: 'Assign each item’s company to its user, in the fewest calls',
				action: 'Create assignments',
			},
			{
				name: 'Delete',
				value: 'delete',
				description: 'Remove each item’s company from its user, in the fewest calls',
				action: 'Delete assignments',
			},
			{
				name: 'Sync',
				value: 'sync',
				description: 'Assign what is only in Desired, remove what is only in Current',
				action: 'Sync assignments',
			},
		],
		default: 'create',
	},
	{
		displayName:
			'If a login name belongs to the main account or a business administrator, removing a company stops following it. If it belongs to an employee, only the link between the two is removed.',
		name: 'deleteNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { ...onlyAssignment, operation: ['delete'] } },
	},
	{
		displayName:
			'<ul><li>Input 1, Desired: what should be monitored. The fields below read it.</li><li>Input 2, Current: the ledger of what was assigned before, with the fields loginName and keyWord.</li><li>Output: keep the rows whose “assigned” is not false as the next Current.</li><li>A removal for the main account or a business administrator stops following the company.</li></ul>',
		name: 'syncNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { ...onlyAssignment, operation: ['sync'] } },
	},
	{
		displayName: 'Login Name',
		name: 'loginName',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 13800138000',
		description:
			'Mobile number with which the user logs in to QCC Pro (登录名), for example from a column of the input',
		displayOptions: { show: onlyAssignment },
	},
	{
		displayName: 'Company',
		name: 'company',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 小米科技有限责任公司',
		description:
			'Name, registration number or unified social credit code (关键字), for example from a column of the input',
		displayOptions: { show: onlyAssignment },
	},
];

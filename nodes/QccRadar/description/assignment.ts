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
			'<ul><li>Input 1, Desired: the pairs that should be monitored. The two fields below read its items.</li><li>Input 2, Current: the pairs assigned before, for example from a data table. Its items need the fields loginName and keyWord, or the same fields as Desired.</li><li>Output: keep the rows whose “assigned” is true as the next run’s Current.</li></ul>',
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
			'Mobile number with which the user logs in to QCC Pro, for example from a column of the input',
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
			'Name, registration number or unified social credit code, for example from a column of the input',
		displayOptions: { show: onlyAssignment },
	},
];

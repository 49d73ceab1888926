import type { INodeProperties } from 'n8n-workflow';

const onlyCompany = { resource: ['company'] };

export const companyDescription: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		displayOptions: { show: onlyCompany },
		options: [
			{
				name: 'Assign Users',
				value: 'assignUsers',
				description: 'Have a company monitored for any number of users, 500 to a call',
				action: 'Assign users to company',
			},
			{
				name: 'Unassign Users',
				value: 'unassignUsers',
				description: 'Remove a company from any number of users, 500 to a call',
				action: 'Unassign users from company',
			},
		],
		default: 'assignUsers',
	},
	{
		displayName:
			'If a login name belongs to the main account or a business administrator, removing a company stops following it. If it belongs to an employee, only the link between the two is removed.',
		name: 'unassignNotice',
		type: 'notice',
		default: '',
		displayOptions: { show: { ...onlyCompany, operation: ['unassignUsers'] } },
	},
	{
		displayName: 'Company',
		name: 'company',
		type: 'string',
		required: true,
		default: '',
		placeholder: 'e.g. 小米科技有限责任公司',
		description: 'Name, registration number or unified social credit code (关键字). One per item.',
		displayOptions: { show: onlyCompany },
	},
	{
		displayName: 'Login Names',
		name: 'loginNames',
		type: 'string',
		typeOptions: { rows: 4 },
		required: true,
		default: '',
		placeholder: 'e.g. 13800138000, 13900139000',
		description:
			'Mobile numbers with which users log in to QCC Pro (登录名). Several as an array, or as text split by line breaks, commas or semicolons. Any number: they are spread over calls.',
		displayOptions: { show: onlyCompany },
	},
];
